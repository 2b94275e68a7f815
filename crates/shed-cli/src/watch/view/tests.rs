use crossterm::event::KeyCode;
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::Buffer,
    style::{Color, Modifier},
};

use super::*;
use crate::{
    live::{Update, What},
    watch::tests::{model, press, typed},
};

fn drawn(model: &Model, width: u16, height: u16, colour: bool) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let now = "2026-01-25T11:00:00Z".parse().unwrap();
    terminal.draw(|frame| draw(frame, model, Look { colour }, now)).unwrap();
    terminal
}

#[test]
fn t6_t17_the_dashboard() {
    insta::assert_snapshot!(drawn(&model(), 120, 12, true).backend());
}

#[test]
fn t6_eighty_columns_are_enough_with_a_preview_and_a_server_out_of_reach() {
    let mut model = model();
    press(&mut model, KeyCode::Tab);
    let key = model.selected.clone().unwrap();
    model.take_screen(key, Ok(format!("{}\nallow \u{1b}[31mthis?\n> yes\n\n\n", "old\n".repeat(20))));
    model.apply(Update { server: 0, what: What::Lost("connection refused".into()) });
    insta::assert_snapshot!(drawn(&model, 80, 24, false).backend());
}

#[test]
fn questions_inputs_and_help() {
    let mut model = model();
    let mut drawings = Vec::new();
    for (key, text) in [('k', ""), ('s', "yes"), ('/', "api"), ('n', "debug"), ('?', "")] {
        press(&mut model, KeyCode::Char(key));
        typed(&mut model, text);
        drawings.push(format!("{key}\n{}", drawn(&model, 80, 22, false).backend()));
        press(&mut model, KeyCode::Esc);
    }
    insta::assert_snapshot!(drawings.join("\n"));
}

/// The style of the row that has the text.
fn style(buffer: &Buffer, text: &str) -> (Color, Modifier) {
    let width = usize::from(buffer.area.width);
    let row = buffer.content().chunks(width).find(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().contains(text)).unwrap();
    (row[2].fg, row[2].modifier)
}

#[test]
fn t18_what_needs_attention_is_highlighted_with_and_without_colour() {
    let mut model = model();
    press(&mut model, KeyCode::Down);
    let coloured = drawn(&model, 100, 10, true);
    assert_eq!(style(coloured.backend().buffer(), "asks"), (Color::Yellow, Modifier::BOLD));
    assert_eq!(style(coloured.backend().buffer(), "broken"), (Color::Red, Modifier::empty()));
    let plain = drawn(&model, 100, 10, false);
    assert_eq!(style(plain.backend().buffer(), "asks"), (Color::Reset, Modifier::BOLD));
    assert_eq!(style(plain.backend().buffer(), "waits"), (Color::Reset, Modifier::BOLD | Modifier::REVERSED), "the selected one");
    model.apply(Update { server: 1, what: What::Lost("refused".into()) });
    assert_eq!(style(drawn(&model, 100, 10, false).backend().buffer(), "asks"), (Color::Reset, Modifier::DIM));
}

#[test]
fn any_size_is_drawn() {
    let mut model = model();
    press(&mut model, KeyCode::Tab);
    for key in ['?', 'k', 's', 'n'] {
        press(&mut model, KeyCode::Char(key));
        for (width, height) in [(1, 1), (2, 3), (10, 2), (20, 5), (300, 100)] {
            drawn(&model, width, height, true);
        }
        press(&mut model, KeyCode::Esc);
    }
}
