//! Bars as SVG, written by hand: there is no more to it than this.

use std::fmt::Write as _;

/// One bar.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) length: f64,
    pub(crate) emphasis: Emphasis,
}

/// What is measured stands out from what it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emphasis {
    Measured,
    Reference,
}

const WIDTH: f64 = 720.0;
const NAMES: f64 = 210.0;
const ROW: f64 = 26.0;
const TOP: f64 = 40.0;

pub(super) fn svg(title: &str, bars: &[Bar]) -> String {
    let height = TOP + ROW * bars.len() as f64 + 10.0;
    let longest = bars.iter().map(|bar| bar.length).fold(0.0, f64::max);
    let scale = (WIDTH - NAMES - 70.0) / longest.max(f64::MIN_POSITIVE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        let (length, text) = (bar.length * scale, y + 15.0);
        let colour = match bar.emphasis {
            Emphasis::Measured => "#2563a8",
            Emphasis::Reference => "#b8c4d0",
        };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{y}\" width=\"{length:.1}\" height=\"20\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{text}\">{:.2}</text>",
            NAMES - 8.0,
            escaped(&bar.name),
            NAMES + length + 6.0,
            bar.length
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
