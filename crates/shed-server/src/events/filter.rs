//! Which events a listener wants.

use std::collections::BTreeSet;

use shed_core::{
    ShedName,
    wire::{Event, EventType},
};

use crate::Error;

/// Which events a listener wants; all of them by default. A [`EventType::Reset`] is for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    sheds: Option<BTreeSet<ShedName>>,
    types: Option<BTreeSet<&'static str>>,
}

impl Filter {
    /// Reads lists of sheds and of types with commas between; a type may be `shed.*` or `session.*`. The sheds need not be there.
    ///
    /// # Errors
    /// `INVALID_SHED_NAME` or `INVALID_REQUEST`.
    pub fn parse(sheds: Option<&str>, types: Option<&str>) -> Result<Self, Error> {
        let sheds = sheds.map(|list| list.split(',').map(|name| ShedName::new(name.trim())).collect()).transpose()?;
        let types = match types {
            None => None,
            Some(list) => Some(list.split(',').map(|word| types_of(word.trim())).collect::<Result<Vec<_>, _>>()?.concat()),
        };
        Ok(Self { sheds, types: types.map(BTreeSet::from_iter) })
    }

    /// Whether the listener wants this one.
    #[must_use]
    pub fn passes(&self, event: &Event) -> bool {
        if event.kind == EventType::Reset {
            return true;
        }
        let name = event.shed_name.as_deref().unwrap_or_default();
        self.types.as_ref().is_none_or(|types| types.contains(event.kind.as_str()))
            && self.sheds.as_ref().is_none_or(|sheds| sheds.iter().any(|shed| shed.as_str() == name))
    }
}

fn types_of(word: &str) -> Result<Vec<&'static str>, Error> {
    let fits = |name: &&'static str| match word.strip_suffix('*') {
        Some(group) => group.ends_with('.') && name.starts_with(group),
        None => *name == word,
    };
    let found: Vec<_> = EventType::ALL.into_iter().map(EventType::as_str).filter(fits).collect();
    if found.is_empty() {
        let known = EventType::ALL.map(EventType::as_str).join(", ");
        return Err(Error::invalid(format!("`{word}` is no type of event")).hint(format!("the types are {known}, shed.* and session.*")));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::blank;

    #[test]
    fn sheds_and_types_are_alternatives_and_a_reset_always_passes() {
        let event = |kind, shed: &str| Event { shed_name: Some(shed.to_owned()), ..blank(kind) };
        let filter = Filter::parse(Some("a, b"), Some("session.status,shed.*")).unwrap();
        for (kind, shed, passes) in [
            (EventType::SessionStatus, "a", true),
            (EventType::ShedDeleted, "b", true),
            (EventType::SessionClosed, "a", false),
            (EventType::SessionStatus, "c", false),
            (EventType::Reset, "", true),
        ] {
            assert_eq!(filter.passes(&event(kind, shed)), passes, "{kind:?} {shed}");
        }
        assert!(Filter::parse(None, None).unwrap().passes(&event(EventType::SessionClosed, "x")));
    }

    #[test]
    fn what_is_no_type_is_refused_with_those_that_are() {
        for bad in ["", "*", "sess*", "session", ".*", "session.*,nope", "unknown"] {
            let error = Filter::parse(None, Some(bad)).unwrap_err();
            assert!(error.hint.unwrap().contains("session.status"), "{bad}");
        }
        assert!(Filter::parse(Some("a,,b"), None).is_err());
    }
}
