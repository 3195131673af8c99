// Rules of applications: a clinic without an ID asks its health centre for one. Pure.
//
//                 code            accept
//   unconfirmed ───────▶ open ───────────────▶ accepted
//        │                │ ▲ └── decline ───▶ declined
//        │ an hour    ask │ │ reply                ▲
//        ▼                ▼ │        decline       │
//     forgotten          asked ────────────────────┘
#pragma once

#include <string>
#include <string_view>

#include "accounts/account.hpp"
#include "directory/organization.hpp"

namespace madoguchi::accounts {

enum class ApplicationState { unconfirmed, open, asked, accepted, declined };
enum class ApplicationEvent { code_right, ask, reply, accept, decline };
std::string_view to_text(ApplicationState state);
std::optional<ApplicationState> application_state(std::string_view text);

/// Errors: conflict (already_decided).
Result<ApplicationState> advance(ApplicationState state, ApplicationEvent event);

/// As typed by somebody who has no ID.
struct ApplyForm {
    std::string institution_code;
    std::string institution_name;
    std::string institution_kana;
    std::string postal_code;
    std::string prefecture;  // 1 to 47
    std::string address;     // behind the prefecture
    Names names;
    std::string phone;
    std::string by;  // "sms" or "voice"
    std::string note;
};

enum class ConfirmBy { sms, voice };

/// As understood: what is read back, and stored.
struct Applicant {
    std::string institution_code;
    std::string institution_name;
    std::string institution_kana;
    std::string postal_code;
    int prefecture_code = 0;
    std::string address;  // with the prefecture
    Names names;
    ConfirmBy by = ConfirmBy::sms;
    std::string note;
};

/// All but the telephone, whose rules the gateway room has. Errors: invalid, naming each field and its rule.
Result<Applicant> check(const ApplyForm& form);

/// "ACDE-FGHJ" of what was typed, in any width and case, with or without the hyphen. Empty: it can't be a number.
std::string fold_application_number(std::string_view typed);

}  // namespace madoguchi::accounts
