//! `cargo xtask size`: where the bytes of the ELF are.
use clap::Args;
/// Show where the bytes of the ELF are, by room
#[derive(Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_: &Arguments) -> anyhow::Result<()> {
    Ok(())
}
