//! A program's own metrics, through the ordinary `prometheus` crate, beside those of the stack.
//!
//! `cargo run -p ops-layer --example own_metrics`

use axum::{extract::Path, routing::post, Router};
use ops_config::source::Sources;
use ops_layer::Ops;
use prometheus::{IntCounterVec, Opts};
use std::{
    error::Error,
    io::{self, Write},
};

mod shop;

/// Counts payments by how they ended.
fn app(ops: &Ops, payments: IntCounterVec) -> Router {
    let pay = move |Path(amount): Path<u32>| async move {
        let outcome = if amount > 1000 { "declined" } else { "accepted" };
        payments.with_label_values(&[outcome]).inc();
        outcome
    };
    Router::new().route("/pay/{amount}", post(pay)).layer(ops.layer())
}

/// Serves three payments, and shows what a scraper then sees of them.
async fn run() -> Result<String, Box<dyn Error + Send + Sync>> {
    // `Ops::start` takes the variables of the process as well.
    let ops = Ops::start_from(Sources::from_file(shop::file("")?)).await?;
    let payments = IntCounterVec::new(Opts::new("shop_payments_total", "Payments, by how they ended."), &["outcome"])?;
    // Registered where the stack's own metrics are: one page shows both.
    let payments = ops.metrics().register(payments)?;
    let server = shop::serve(&ops, app(&ops, payments)).await?;
    for amount in [5, 70, 2000] {
        shop::ask(server, "POST", &format!("/pay/{amount}")).await?;
    }
    let metrics = ops.metrics_address().ok_or("metrics are served")?;
    shop::ask(metrics, "GET", "/metrics").await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let page = run().await?;
    let shown = page.lines().filter(|line| line.contains("shop_payments") || line.contains("duration_seconds_count"));
    let lines: Vec<&str> = shown.collect();
    Ok(writeln!(io::stdout(), "{}", lines.join("\n"))?)
}

#[tokio::test]
async fn the_page_shows_the_programs_metrics_beside_those_of_the_stack() {
    let page = run().await.expect("it runs");
    for line in [r#"shop_payments_total{outcome="accepted"} 2"#, r#"shop_payments_total{outcome="declined"} 1"#] {
        assert!(page.contains(line), "{line} in\n{page}");
    }
    assert!(page.contains(r#"http_route="/pay/{amount}""#), "{page}");
}
