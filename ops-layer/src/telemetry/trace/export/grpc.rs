//! OTLP over gRPC.

use super::{answer::Answer, connection::HttpClient};
use bytes::{BufMut, Bytes};
use http::{uri::PathAndQuery, HeaderMap, Uri};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use std::error::Error as _;
use tonic::{
    client::Grpc,
    codec::{Codec, EncodeBuf, Encoder},
    metadata::MetadataMap,
    Code, ConnectError, Extensions, Request, Status,
};
use tonic_prost::ProstDecoder;
use tonic_types::StatusExt;
use tower::ServiceExt as _;

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// One try over gRPC.
pub(super) async fn send(client: HttpClient, origin: &Uri, headers: &HeaderMap, body: Bytes) -> Answer {
    // A connection that fails is an answer that may come later, and not one that nobody knows.
    let mut grpc = Grpc::with_origin(client.map_err(|error| ConnectError(error.into())), origin.clone());
    if let Err(error) = grpc.ready().await {
        return Answer::lost(&error);
    }
    let request = Request::from_parts(MetadataMap::from_headers(headers.clone()), Extensions::new(), body);
    match grpc.unary(request, PathAndQuery::from_static(EXPORT), Encoded).await {
        Ok(response) => {
            let partial: Option<_> = response.into_inner().partial_success;
            Answer::taken(partial.map(|partial| partial.rejected_spans))
        }
        Err(status) => judge(&status),
    }
}

/// What a status means for the batch, as OTLP says.
fn judge(status: &Status) -> Answer {
    if let Some(source) = status.source() {
        // Not from the collector: it is about the way there.
        return Answer::lost(source);
    }
    let after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let cause = status.code().description().to_owned();
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Answer::Later { after, cause },
        // Without a time it is not exhausted but exceeded: a batch too large, a quota used up.
        Code::ResourceExhausted if after.is_some() => Answer::Later { after, cause },
        _ => Answer::Refused { cause },
    }
}

/// A message that is encoded already.
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = ExportTraceServiceResponse;
    type Encoder = Self;
    type Decoder = ProstDecoder<ExportTraceServiceResponse>;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder::default()
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, body: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(body);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
