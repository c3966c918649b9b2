//! Properties that hold for every rule and address.

use proptest::prelude::*;
use riposte_egress::{AddressClass, EgressPolicy, Rule};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

proptest! {
    #[test]
    fn any_text_is_a_rule_or_none(text in "\\PC{0,30}|[0-9a-f.:/*\\[\\]]{0,24}") {
        let _ = text.parse::<Rule>();
        let _ = EgressPolicy::parse(&[text]);
    }

    #[test]
    fn an_ipv4_address_is_the_same_inside_ipv6(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from_bits(bits);
        let class = AddressClass::of(IpAddr::V4(v4));
        let [a, b] = v4.to_ipv6_mapped().segments().last_chunk().copied().unwrap();
        for v6 in [v4.to_ipv6_mapped(), Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b), Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1)] {
            prop_assert_eq!(AddressClass::of(IpAddr::V6(v6)), class, "{}", v6);
        }
    }

    #[test]
    fn what_the_standard_library_calls_local_is_not_public(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from_bits(bits);
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast() || v4.is_documentation() || v4.is_multicast() || v4.is_unspecified() {
            prop_assert_ne!(AddressClass::of(IpAddr::V4(v4)), AddressClass::Public);
        }
    }
}
