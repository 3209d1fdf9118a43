//! What a visitor is doing: the event type that is sent with each request.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The event a route stands for, as `route_to_event_type` maps it.
///
/// A service may learn new events, so any other text passes through unchanged.
///
/// ```
/// use rti_core::EventType;
///
/// assert_eq!(EventType::from("add_to_cart"), EventType::AddToCart);
/// assert_eq!(EventType::from("spin_wheel").as_str(), "spin_wheel");
/// assert_eq!(EventType::default(), EventType::PageLoad);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum EventType {
    /// A page is loaded: what a route is that no rule names.
    #[default]
    PageLoad,
    /// Payment details are given.
    AddPayment,
    /// An article goes into the cart.
    AddToCart,
    /// An article goes onto the wish list.
    AddToWishlist,
    /// An account is made.
    Registration,
    /// Something is bought.
    Purchase,
    /// The site is searched.
    Search,
    /// A trial begins. The service spells it `start_trail`.
    StartTrial,
    /// A subscription is taken.
    Subscribe,
    /// A form is sent.
    FormSubmission,
    /// An event of the site's own; its name travels as the channel.
    Custom,
    /// A token is validated.
    TokenValidation,
    /// An event this version has no name for.
    Other(Arc<str>),
}

impl EventType {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::PageLoad => "page_load",
            Self::AddPayment => "add_payment",
            Self::AddToCart => "add_to_cart",
            Self::AddToWishlist => "add_to_wishlist",
            Self::Registration => "registration",
            Self::Purchase => "purchase",
            Self::Search => "search",
            Self::StartTrial => "start_trail",
            Self::Subscribe => "subscribe",
            Self::FormSubmission => "form_submission",
            Self::Custom => "custom",
            Self::TokenValidation => "token_validation",
            Self::Other(name) => name,
        }
    }

    const NAMED: [Self; 12] = [
        Self::PageLoad,
        Self::AddPayment,
        Self::AddToCart,
        Self::AddToWishlist,
        Self::Registration,
        Self::Purchase,
        Self::Search,
        Self::StartTrial,
        Self::Subscribe,
        Self::FormSubmission,
        Self::Custom,
        Self::TokenValidation,
    ];
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        Self::NAMED
            .into_iter()
            .find(|event| event.as_str() == name)
            .unwrap_or_else(|| Self::Other(name.into()))
    }
}

/// Never fails: any text is an event.
impl FromStr for EventType {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(name.into())
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| name.as_str().into())
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_event_is_found_by_its_name() {
        for event in EventType::NAMED {
            assert_eq!(EventType::from(event.as_str()), event);
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<EventType>(&json).unwrap(), event);
            assert_eq!(event.as_str().parse(), Ok(event));
        }
        assert_eq!(EventType::from("start_trail"), EventType::StartTrial);
        assert_eq!(
            EventType::from("start_trial"),
            EventType::Other("start_trial".into())
        );
    }
}
