//! The tests of the incident crate: tables in `conformance/incident`, shapes, properties over generated values.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod analytics;
#[cfg(test)]
mod analytics_runs;
#[cfg(test)]
mod entities;
#[cfg(test)]
mod grouping;
#[cfg(test)]
mod made;
#[cfg(test)]
mod patches;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod shapes;
