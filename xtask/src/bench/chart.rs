//! Bar charts as SVG, readable on light and on dark ground.
//!
//! Invariant: no script, no font file, no ground of its own.

use std::fmt::Write;

use super::rounds::Spread;

const WIDTH: f64 = 760.0;
const NAMES: f64 = 130.0;
const NUMBERS: f64 = 170.0;
const BAR: f64 = 16.0;
const LINE: f64 = 21.0;
const HEADING: f64 = 34.0;

/// Colours that keep their contrast on white and on near-black; where the reader's colour scheme is known, text
/// follows it.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#737d87}.h{font-weight:600;font-size:14px}\
.own{fill:#d08c12}.peer{fill:#8593a1}.floor{fill:#8593a1;fill-opacity:.6}.line{stroke:#8c959f;stroke-width:1}\
.spread{stroke:#b4315f;stroke-width:1.5}\
@media (prefers-color-scheme:light){text{fill:#424a53}}@media (prefers-color-scheme:dark){text{fill:#c3ccd5}}";

/// One bar: whose it is, how long, and what is written behind it.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) spread: Spread,
    pub(crate) label: String,
}

/// The bars of one measure under a heading, with a scale of their own.
pub(crate) struct Panel {
    pub(crate) heading: String,
    pub(crate) bars: Vec<Bar>,
    /// A value with a line across the bars: 1 where bars are ratios.
    pub(crate) reference: Option<f64>,
}

/// The panels under each other, with a title that screen readers speak.
pub(crate) fn render(title: &str, panels: &[Panel]) -> String {
    let height: f64 = panels
        .iter()
        .map(|panel| HEADING + LINE * panel.bars.len() as f64)
        .sum::<f64>()
        + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n",
        escape(title)
    );
    let mut top = 0.0;
    for panel in panels {
        draw(&mut svg, panel, top);
        top += HEADING + LINE * panel.bars.len() as f64;
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, panel: &Panel, top: f64) {
    let longest = panel
        .bars
        .iter()
        .map(|bar| bar.spread.greatest)
        .fold(panel.reference.unwrap_or(0.0), f64::max);
    let scale = (WIDTH - NAMES - NUMBERS) / longest.max(f64::MIN_POSITIVE);
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<text class=\"h\" x=\"0\" y=\"{:.1}\">{}</text>",
        top + 22.0,
        escape(&panel.heading)
    );
    let first = top + HEADING;
    for (index, bar) in panel.bars.iter().enumerate() {
        let y = first + LINE * index as f64;
        let class = match bar.name.as_str() {
            "vanillin" => "own",
            name if name.starts_with("floor") => "floor",
            _ => "peer",
        };
        let (text, middle) = (y + 12.5, y + BAR / 2.0);
        let [length, low, high] =
            [bar.spread.median, bar.spread.least, bar.spread.greatest].map(|value| value * scale);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{text:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{NAMES}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\"/>\
             <line class=\"spread\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>\
             <text x=\"{:.1}\" y=\"{text:.1}\">{}</text>",
            NAMES - 8.0,
            escape(&bar.name),
            NAMES + low,
            NAMES + high,
            NAMES + high.max(length) + 8.0,
            escape(&bar.label)
        );
    }
    if let Some(reference) = panel.reference {
        let (x, end) = (
            NAMES + reference * scale,
            first + LINE * panel.bars.len() as f64 - 3.0,
        );
        let _ = writeln!(
            svg,
            "<line class=\"line\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{end:.1}\" stroke-dasharray=\"3 3\"/>",
            first - 3.0
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Bar, Panel, Spread, render};

    #[test]
    fn bars_have_the_length_of_their_median() {
        let spread = Spread {
            median: 0.5,
            least: 0.5,
            greatest: 1.0,
        };
        let bar = Bar {
            name: "a<b".to_owned(),
            spread,
            label: "0.50".to_owned(),
        };
        let svg = render(
            "t",
            &[Panel {
                heading: "h".to_owned(),
                bars: vec![bar],
                reference: None,
            }],
        );
        assert!(svg.contains("width=\"230.0\""), "{svg}");
        assert!(svg.contains("a&lt;b"));
    }
}
