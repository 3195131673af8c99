// Japanese text as people type it: width, hyphens, spaces and kana folded into one form (NFKC), passwords left as they
// are (NFC). All functions take UTF-8; bytes that are not UTF-8 become U+FFFD, so ask valid_utf8() first at the edge.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace madoguchi {

bool valid_utf8(std::string_view text);
/// Unicode code points, not bytes and not letters as seen.
std::size_t code_points(std::string_view text);
/// Without Unicode white space (U+3000 too) at both ends.
std::string strip_spaces(std::string_view text);

/// The form in which a field is shown and stored: NFKC, one kind of hyphen, single spaces, trimmed, nothing invisible.
/// ー stays a long vowel after kana or kanji and is a hyphen elsewhere. Ideographs (髙, 𠮷, 﨑 and the compatibility
/// block) stay.
std::string fold_width(std::string_view text);
/// The key of a login ID for uniqueness and throttling (S13): NFKC, case folded, without spaces, one kind of hyphen.
std::string fold_login_id(std::string_view text);
/// The key under which something is searched: NFKC, case folded, without spaces, hiragana as katakana.
std::string search_key(std::string_view text);
/// NFC and nothing else: a password is never folded (S1).
SecretText normalize_password(std::string_view text);

/// Digits of any width as ASCII, hyphens and spaces dropped. Nothing if there is anything else: a dot too, because
/// "110113719.0" comes from a spreadsheet and is not 1101137190.
std::optional<std::string> fold_digits(std::string_view text);
/// フリガナ in full-width katakana, from katakana or hiragana of any width; empty stays empty. Nothing if other letters
/// are in it.
std::optional<std::string> fold_kana(std::string_view text);

}  // namespace madoguchi
