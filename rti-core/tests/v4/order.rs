//! `isHeaderNamesOrdered` says the truth: a wrong claim misleads the service.

use rti_core::HeaderOrder;

use crate::visitor::{BOTH, Visitor, config, document};

#[tokio::test]
async fn only_the_order_of_the_wire_is_called_one() {
    let headers = [("x-two", "1"), ("accept", "*/*"), ("x-one", "1")];
    for version in BOTH {
        for (order, claimed, names) in [
            (HeaderOrder::Wire, true, "x-two,accept,x-one"),
            (HeaderOrder::Grouped, false, "x-two,accept,x-one"),
            (HeaderOrder::Unknown, false, "accept,x-one,x-two"),
        ] {
            let visitor = Visitor::with(&headers).ordered(order);
            let document = document(config(version), &visitor).await;
            assert_eq!(document["isHeaderNamesOrdered"], claimed, "{order:?}");
            assert_eq!(document["endUserParams"]["headerNames"], names, "{order:?}");
        }
    }
}
