#include "accounts/application.hpp"

#include <algorithm>
#include <array>

#include "base/desk_limits.hpp"
#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "directory/organization_codes.hpp"

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"unconfirmed", "open", "asked", "accepted", "declined"};
constexpr std::size_t kNumberGroup = 4;

std::string checked(const std::string& typed, const char* field, std::size_t maximum, bool required,
                    FieldErrors& errors) {
    std::string folded = fold_width(typed);
    if (required && folded.empty()) {
        errors.add(field, "required");
    } else if (code_points(folded) > maximum) {
        errors.add(field, "too_long", {{"maximum", std::to_string(maximum)}});
    }
    return folded;
}

std::string checked_kana(const std::string& typed, FieldErrors& errors) {
    checked(typed, "institution_kana", limits::kNameCodePoints, true, errors);
    const auto kana = fold_kana(typed);
    if (!kana) {
        errors.add("institution_kana", "kana_format");
    }
    return kana.value_or("");
}

int prefecture_of(const std::string& typed) {
    const auto digits = fold_digits(typed);
    return digits && !digits->empty() && digits->size() <= 2 ? std::stoi(*digits) : 0;
}

}  // namespace

std::string_view to_text(ApplicationState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

std::optional<ApplicationState> application_state(std::string_view text) {
    const auto found = std::ranges::find(kStates, text);
    if (found == kStates.end()) {
        return std::nullopt;
    }
    return static_cast<ApplicationState>(found - kStates.begin());
}

Result<ApplicationState> advance(ApplicationState state, ApplicationEvent event) {
    const bool waits = state == ApplicationState::open || state == ApplicationState::asked;
    switch (event) {
        case ApplicationEvent::code_right:
            if (state == ApplicationState::unconfirmed) {
                return ApplicationState::open;
            }
            break;
        case ApplicationEvent::ask:
            if (waits) {
                return ApplicationState::asked;
            }
            break;
        case ApplicationEvent::reply:
            if (state == ApplicationState::asked) {
                return ApplicationState::open;
            }
            break;
        case ApplicationEvent::accept:
            if (waits) {
                return ApplicationState::accepted;
            }
            break;
        case ApplicationEvent::decline:
            if (waits) {
                return ApplicationState::declined;
            }
            break;
    }
    return failure(ErrorKind::conflict, "already_decided");
}

Result<Applicant> check(const ApplyForm& form) {
    FieldErrors errors;
    Applicant out;
    out.prefecture_code = prefecture_of(form.prefecture);
    const auto* prefecture = directory::find_prefecture(out.prefecture_code);
    if (prefecture == nullptr) {
        errors.add("prefecture", "choice_required");
    }
    if (fold_width(form.institution_code).empty()) {
        errors.add("institution_code", "required");
    } else if (const auto code = errors.take(directory::parse_institution_code(form.institution_code))) {
        out.institution_code = code->code;
        if (prefecture != nullptr && code->prefecture != out.prefecture_code) {
            errors.add("prefecture", "prefecture_differs");
        }
    }
    out.institution_name = checked(form.institution_name, "institution_name", limits::kNameCodePoints, true, errors);
    out.institution_kana = checked_kana(form.institution_kana, errors);
    if (fold_width(form.postal_code).empty()) {
        errors.add("postal_code", "required");
    } else if (auto postal = errors.take(directory::parse_postal_code(form.postal_code))) {
        out.postal_code = std::move(*postal);
    }
    std::string address = checked(form.address, "address", limits::kAddressCodePoints, true, errors);
    const std::string name(prefecture == nullptr ? "" : prefecture->name);
    out.address = address.starts_with(name) ? address : name + address;
    out.names = errors.take(check_names(form.names)).value_or(Names{});
    if (fold_width(form.names.given_name).empty()) {
        errors.add("given_name", "required");
    }
    out.by = form.by == "voice" ? ConfirmBy::voice : ConfirmBy::sms;
    out.note = checked(form.note, "note", limits::kReasonCodePoints, false, errors);
    TRY(std::move(errors).result());
    return out;
}

std::string fold_application_number(std::string_view typed) {
    const auto folded = crypto::fold_code(typed, limits::kApplicationNumberCharacters).reveal();
    return folded.empty() ? folded : folded.substr(0, kNumberGroup) + "-" + folded.substr(kNumberGroup);
}

}  // namespace madoguchi::accounts
