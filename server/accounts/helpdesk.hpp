// Rules of the helpdesk: what of an account is shown, and how a caller is told from a stranger by comparison alone.
// Pure.
//
//   open ── all three questions match ──▶ unlock | start_reset        (each question: three tries)
//     ├──── a question is used up, or the operator gives up ──▶ unverified
//     └──── half an hour ──▶ over
#pragma once

#include <string>
#include <string_view>

#include "accounts/account.hpp"

namespace madoguchi::accounts {

enum class CallerCheck { person, organization, callback };
std::string_view to_text(CallerCheck check);
std::optional<CallerCheck> caller_check(std::string_view text);

/// What the second question asks for, by what is on file.
enum class OrganizationQuestion { institution_code, phone, none };

/// What the answers are compared with. Never leaves the service.
struct OnFile {
    std::string family_name;
    std::string given_name;
    std::string family_kana;
    std::string given_kana;
    std::string institution_code;
    std::string organization_phone;
};

OrganizationQuestion question_for(const OnFile& file);
/// Family and given name, each in kanji or kana, of any width.
bool person_matches(const OnFile& file, std::string_view said);
/// The last four digits.
bool organization_matches(const OnFile& file, std::string_view said);
/// The number that was dialled. Where none is on file: nothing matches.
bool callback_matches(const OnFile& file, std::string_view dialled);

/// "f13-001••": enough to tell accounts apart, not enough to sign in with.
std::string masked_login_id(std::string_view login_id);
/// "山野 み••"
std::string masked_person(const Account& account);
/// "78" of "090-****-5678"; empty where no number is in it.
std::string number_end(std::string_view masked_phone);

struct CheckState {
    int tries = 0;
    bool matched = false;
    bool used_up() const;
};

}  // namespace madoguchi::accounts
