//! Commands for the people who work on vanillin.

mod bench;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Bench(bench::Arguments),
    /// The load generator of `bench`.
    #[command(hide = true)]
    BenchLoad(bench::load::Load),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::BenchLoad(load) => bench::load::run(&load),
    }
}
