//! Statuses of gRPC, by their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a gRPC call can fail, as `grpc-status` says it in numbers.
///
/// Source: "Status codes and their use in gRPC" of the gRPC project. `ok` is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum GrpcStatus {
    /// 1: the caller gave up.
    Cancelled = 1,
    /// 2: no other status fits.
    Unknown = 2,
    /// 3: an argument is wrong whatever the state of the service.
    InvalidArgument = 3,
    /// 4: the deadline passed.
    DeadlineExceeded = 4,
    /// 5: what is asked for is not there.
    NotFound = 5,
    /// 6: what should be made is there already.
    AlreadyExists = 6,
    /// 7: the caller may not.
    PermissionDenied = 7,
    /// 8: a quota or a resource is used up.
    ResourceExhausted = 8,
    /// 9: the service is not in the state that the call needs.
    FailedPrecondition = 9,
    /// 10: another call came in between.
    Aborted = 10,
    /// 11: past the end of what there is.
    OutOfRange = 11,
    /// 12: the service has no such method.
    Unimplemented = 12,
    /// 13: something inside the service is broken.
    Internal = 13,
    /// 14: the service cannot be reached now.
    Unavailable = 14,
    /// 15: data is lost for good.
    DataLoss = 15,
    /// 16: the caller is not known.
    Unauthenticated = 16,
}

impl GrpcStatus {
    /// Those that say something is wrong with the server, and not with the call.
    pub const OF_SERVERS: [Self; 5] =
        [Self::Unknown, Self::DeadlineExceeded, Self::Internal, Self::Unavailable, Self::DataLoss];

    /// Its number in `grpc-status`.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}
