//! How a request ended, as far as labels tell.

use super::Method;
use http::StatusCode;

/// How a request ended, as far as labels tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    pub(super) method: Method,
    /// None where there was no response: the connection was dropped, or nobody waited any more.
    pub(super) status: Option<StatusCode>,
}

impl Answer {
    pub(super) const fn none_to(method: Method) -> Self {
        Self { method, status: None }
    }

    /// Whether the service failed, by its status.
    pub(super) fn is_failure(self) -> bool {
        self.status.is_some_and(|status| status.is_server_error())
    }

    /// Names and values of its labels.
    pub(super) fn labels<'l>(&'l self, route: &'l str) -> [(&'static str, &'l str); 3] {
        [
            ("http_request_method", self.method.label()),
            ("http_response_status_code", self.status.as_ref().map_or("", StatusCode::as_str)),
            ("http_route", route),
        ]
    }

    /// Where to begin to look for it, in a table of any size.
    pub(super) fn place(self) -> usize {
        let status = self.status.map_or(0, |status| usize::from(status.as_u16()));
        status * 7 + self.method as usize * 5
    }
}
