//! Commands for the people who work on vanillin; `cargo xtask --help` lists them.
//!
//! A command is a module with `Arguments` and `run`. What several of them need lies in the modules behind them.

// Commands.
mod bench;
mod budgets;
mod chaos;
mod dist;
mod fuzz;
mod routes;
mod size;

// What they stand on: the compiled binaries, and ELF files as data.
mod compile;
mod elf;
mod origin;

// What the tests stand on too.
mod support;

use std::process::ExitCode;

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
    Budgets(budgets::Arguments),
    Chaos(chaos::Arguments),
    Dist(dist::Arguments),
    Fuzz(fuzz::Arguments),
    Routes(routes::Arguments),
    Size(size::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::BenchLoad(load) => bench::load::run(&load),
        Command::Budgets(arguments) => budgets::run(&arguments),
        Command::Chaos(arguments) => chaos::run(&arguments),
        Command::Dist(arguments) => dist::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Routes(arguments) => routes::run(&arguments),
        Command::Size(arguments) => size::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
