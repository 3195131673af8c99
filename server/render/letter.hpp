// The handover letter: one A4 page an account, folded in three for a window envelope, with the ID, the initial
// password, a QR code that opens the sign-in page and never holds a password, and the way to the first sign-in in
// pictures.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "render/texts.hpp"

namespace madoguchi::render {

struct LetterAddress {
    std::string postal_code;  // "000-0000", or empty
    std::string address;
    std::string organization;
    std::string phone;
};

struct Letter {
    LetterAddress to;
    std::string person;
    LetterAddress from;  // the health centre that hands it over
    std::string number;  // 発行番号
    std::string issued_on;
    std::string login_id;
    SecretText password;  // with hyphens; empty: it comes by a one-time link, and the letter says so
    std::string expires_on;
};

struct LetterService {
    std::string origin;  // "https://madoguchi.example"
    std::string helpdesk_phone;
    std::size_t password_minimum = 12;
};

/// All letters as one PDF, in their order. Milliseconds each, so never inside a transaction. Throws std::runtime_error
/// where no PDF can be made.
std::string print_letters(std::span<const Letter> letters, const LetterService& service, const Texts& texts,
                          Locale locale);

}  // namespace madoguchi::render
