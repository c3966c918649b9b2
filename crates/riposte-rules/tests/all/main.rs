//! The tests of the rules crate: tables in `conformance/rule`, order, plans, real rules, properties over generated
//! values.

#[cfg(test)]
mod conditions;
#[cfg(test)]
mod extension;
#[cfg(test)]
mod index;
#[cfg(test)]
mod made;
#[cfg(test)]
mod order;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod real;
#[cfg(test)]
mod reference;
