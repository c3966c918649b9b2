//! What may be called.

use crate::address::{AddressClass, embedded_v4};
use crate::error::{DenialReason, Denied};
use crate::rule::{InvalidRule, Rule};
use std::net::IpAddr;

/// What may be called: a deny list, an allow list, and what is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressPolicy {
    allow: Vec<Rule>,
    deny: Vec<Rule>,
    unlisted: Unlisted,
}

/// What happens to a place that no list names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unlisted {
    /// Public addresses may be called.
    #[default]
    AllowPublic,
    /// Nothing may be called.
    Deny,
}

/// What the name and port of an address say, before it is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameVerdict {
    /// A rule names the host: its addresses may also be private.
    Named,
    /// The addresses decide.
    ByAddress,
}

impl EgressPolicy {
    /// A policy with this allow list. Public addresses are allowed anyway, until [`Self::default_deny`].
    ///
    /// # Errors
    /// The first text that is no rule.
    pub fn parse(allow: &[String]) -> Result<Self, InvalidRule> {
        Ok(Self { allow: read(allow)?, ..Self::default() })
    }

    /// The policy with a deny list, which wins over everything.
    ///
    /// # Errors
    /// The first text that is no rule.
    pub fn with_deny(self, deny: &[String]) -> Result<Self, InvalidRule> {
        Ok(Self { deny: read(deny)?, ..self })
    }

    /// The policy under which only the allow list may be called.
    #[must_use]
    pub fn default_deny(self) -> Self {
        Self { unlisted: Unlisted::Deny, ..self }
    }

    /// Judges a host (as an address spells it) and port before any look-up.
    pub(crate) fn judge_name(&self, host: &str, port: u16) -> Result<NameVerdict, Denied> {
        let name = host.trim_end_matches('.');
        if self.deny.iter().any(|rule| rule.names(name, port)) {
            return Err(denied(host, port, None, DenialReason::DenyList));
        }
        if self.allow.iter().any(|rule| rule.names(name, port)) {
            return Ok(NameVerdict::Named);
        }
        // A look-up is a message to the outside too: none for a name that no address could save.
        if self.unlisted == Unlisted::Deny && !self.allow.iter().any(Rule::is_network) {
            return Err(denied(host, port, None, DenialReason::NotListed));
        }
        Ok(NameVerdict::ByAddress)
    }

    /// Judges an address that a host stands for.
    pub(crate) fn judge_address(
        &self,
        verdict: NameVerdict,
        host: &str,
        port: u16,
        address: IpAddr,
    ) -> Result<(), Denied> {
        let address = embedded_v4(address);
        if self.deny.iter().any(|rule| rule.holds(address, port)) {
            return Err(denied(host, port, Some(address), DenialReason::DenyList));
        }
        let class = AddressClass::of(address);
        let named = verdict == NameVerdict::Named && !class.needs_address_rule();
        if named || self.allow.iter().any(|rule| rule.opens(address, port, class)) {
            return Ok(());
        }
        match (class, self.unlisted) {
            (AddressClass::Public, Unlisted::AllowPublic) => Ok(()),
            (AddressClass::Public, Unlisted::Deny) => {
                Err(denied(host, port, Some(address), DenialReason::NotListed))
            }
            _ => Err(denied(host, port, Some(address), DenialReason::Class(class))),
        }
    }

    /// Ports that rules for addresses name.
    pub(crate) fn address_ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> =
            self.allow.iter().chain(&self.deny).filter_map(Rule::address_port).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

fn read(rules: &[String]) -> Result<Vec<Rule>, InvalidRule> {
    rules.iter().filter(|text| !text.trim().is_empty()).map(|text| text.parse()).collect()
}

fn denied(host: &str, port: u16, address: Option<IpAddr>, reason: DenialReason) -> Denied {
    Denied { host: host.to_owned(), port, address, reason }
}

#[cfg(test)]
mod tests;
