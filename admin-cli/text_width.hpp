// What a terminal does with text: how many columns it takes, and what must not reach it as it is (S20).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace madoguchi::admin_cli {

/// Columns on a terminal: 2 for East Asian wide and fullwidth characters (UAX #11), 0 for combining ones. Ambiguous
/// ones count 1, as terminals do by default. Expects printable text.
std::size_t display_width(std::string_view text);

/// `text` with control, bidi and other invisible steering characters written as \n, \t or \u202e, and with bytes that
/// are not UTF-8 replaced, so that one value is one line and says what it shows.
std::string printable(std::string_view text);

/// The same for text that is JSON already: escapes what JSON allows to stand in a string but a terminal would obey.
std::string printable_json(std::string_view json);

/// `text` and as many spaces as make it `width` columns wide.
std::string padded(std::string_view text, std::size_t width);

}  // namespace madoguchi::admin_cli
