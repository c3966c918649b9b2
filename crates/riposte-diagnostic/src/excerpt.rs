//! The part of a text that a diagnostic points into, made fit to be shown: the lines that the span touches, long ones
//! shortened around it, wide characters measured as a terminal draws them, nothing that would move the cursor.

use crate::Span;
use unicode_width::UnicodeWidthChar;

/// How many columns of a line are shown.
const COLUMNS_MAX: usize = 100;
/// How many columns are shown before and after the span of a line that is too long.
const AROUND: usize = 20;
/// How many columns at the beginning and the end of a span are shown if it is too long itself. What fails is often
/// its end: `body('A')['b']['c']` up to the step that leads nowhere.
const SPAN_ENDS: usize = 28;
/// How many lines at the beginning and the end of a span are shown.
const LINES_ENDS: usize = 2;

/// A line of an excerpt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Lines that are left out.
    Gap,
    /// A line of the text.
    Shown {
        /// Its number from one; `None` if the text has one line only.
        number: Option<usize>,
        /// The line, perhaps shortened.
        text: String,
        /// How many columns lie before the underlined part, and how many that part has.
        underline: (usize, usize),
    },
}

/// The lines of `source` that `span` touches; at least one.
pub(crate) fn lines(source: &str, span: Span) -> Vec<Line> {
    let source = source.trim_end_matches(['\n', '\r']);
    let numbered = source.contains('\n');
    let mut touched = Vec::new();
    let mut start = 0;
    for (index, piece) in source.split('\n').enumerate() {
        let end = start + piece.len();
        let from = span.start.clamp(start, end) - start;
        let to = span.end.clamp(start, end) - start;
        // A span that is empty, or lies behind the text, touches the line that it stands in.
        let last = end == source.len();
        if (span.start <= end && (span.end > start || from == 0 && to == 0 && span.start >= start))
            || (last && touched.is_empty())
        {
            touched.push((numbered.then_some(index + 1), piece.trim_end_matches('\r'), from, to));
        }
        start = end + 1;
        if start > span.end && !touched.is_empty() {
            break;
        }
    }
    // Lines of which the span has nothing but the line break are of no interest beside others.
    if touched.iter().any(|(_, _, from, to)| from < to) {
        touched.retain(|(_, _, from, to)| from < to);
    }
    let count = touched.len();
    let mut shown = Vec::new();
    for (at, (number, text, from, to)) in touched.into_iter().enumerate() {
        if count > 2 * LINES_ENDS && (LINES_ENDS..count - LINES_ENDS).contains(&at) {
            if at == LINES_ENDS {
                shown.push(Line::Gap);
            }
            continue;
        }
        let (text, underline) = line(text, from, to);
        shown.push(Line::Shown { number, text, underline });
    }
    shown
}

/// A character as it is shown.
struct Cell {
    c: char,
    columns: usize,
    marked: bool,
}

fn line(text: &str, from: usize, to: usize) -> (String, (usize, usize)) {
    // Indentation inside a span is not underlined.
    let blanks = text.get(from..to).map_or(0, |part| part.len() - part.trim_start().len());
    let from = if from + blanks < to { from + blanks } else { from };
    let cells: Vec<Cell> = text.char_indices().map(|(at, c)| cell(c, at >= from && at < to)).collect();
    let before = text.char_indices().take_while(|(at, _)| *at < from).count();
    let marked = cells.iter().filter(|cell| cell.marked).count();
    let (lead, rest) = cells.split_at(before.min(cells.len()));
    let (mark, tail) = rest.split_at(marked.min(rest.len()));
    if width(&cells) <= COLUMNS_MAX {
        return (string(&cells), (width(lead), width(mark).max(1)));
    }
    let mut shown = String::new();
    let kept = keep_last(lead, AROUND);
    let mut before = width(kept);
    if kept.len() < lead.len() {
        shown.push('…');
        before += 1;
    }
    shown.push_str(&string(kept));
    let mut columns = width(mark);
    if columns > 2 * SPAN_ENDS {
        let (first, last) = (keep_first(mark, SPAN_ENDS), keep_last(mark, SPAN_ENDS));
        shown.push_str(&string(first));
        shown.push('…');
        shown.push_str(&string(last));
        columns = width(first) + 1 + width(last);
    } else {
        shown.push_str(&string(mark));
    }
    let kept = keep_first(tail, AROUND);
    shown.push_str(&string(kept));
    if kept.len() < tail.len() {
        shown.push('…');
    }
    (shown, (before, columns.max(1)))
}

/// Control characters are drawn as their pictures (U+2400…), others that are not drawn as U+FFFD.
fn cell(c: char, marked: bool) -> Cell {
    let c = match c {
        '\t' => ' ',
        '\u{7f}' => '\u{2421}',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(' '),
        // What turns the direction of the text around would show another text than is there.
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    Cell { c, columns: c.width().unwrap_or(0), marked }
}

fn string(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.c).collect()
}

fn width(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| cell.columns).sum()
}

fn keep_first(cells: &[Cell], columns: usize) -> &[Cell] {
    let mut used = 0;
    let end = cells.iter().position(|cell| {
        used += cell.columns;
        used > columns
    });
    cells.get(..end.unwrap_or(cells.len())).unwrap_or_default()
}

fn keep_last(cells: &[Cell], columns: usize) -> &[Cell] {
    let mut used = 0;
    let cut = cells.iter().rev().position(|cell| {
        used += cell.columns;
        used > columns
    });
    cells.get(cells.len() - cut.unwrap_or(cells.len())..).unwrap_or_default()
}
