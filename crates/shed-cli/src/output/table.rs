//! Tables for people: columns two spaces apart, no lines, as wide as what is in them.

use unicode_width::UnicodeWidthStr;

use super::{
    clean,
    style::{HEAD, PLAIN, Paint},
};

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    paint: Paint,
}

impl Cell {
    /// A cell in a style of its own.
    #[must_use]
    pub fn styled(text: &str, paint: Paint) -> Self {
        Self { text: clean(text), paint }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text.as_ref(), PLAIN)
    }
}

/// A table with a heading.
#[derive(Debug, Clone)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table of these columns.
    #[must_use]
    pub fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|text| Cell::styled(text, HEAD)).collect()] }
    }

    /// Key and value on each line, without a heading.
    #[must_use]
    pub fn pairs(pairs: &[(&str, String)]) -> Self {
        let row = |(key, value): &(&str, String)| vec![Cell::styled(key, HEAD), Cell::from(value)];
        Self { rows: pairs.iter().map(row).collect() }
    }

    /// Adds a line.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The table as text, with colours.
    #[must_use]
    pub fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for row in &self.rows {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                out.push_str(&cell.paint.apply(&cell.text).to_string());
                // No padding after the last column: lines that end in spaces wrap on narrow terminals.
                if column + 1 < row.len() {
                    out.push_str(&" ".repeat(width.saturating_sub(cell.text.width()) + 2));
                }
            }
            out.push('\n');
        }
        out
    }
}
