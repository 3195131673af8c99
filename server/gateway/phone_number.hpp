// Phone numbers for second steps (S9): what is typed, as E.164, with what it can receive. libphonenumber and our
// overlay meet here only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace madoguchi::gateway {

enum class PhonePurpose { sms, voice };
enum class PhoneKind { mobile, ip, fixed };

struct PhoneNumber {
    std::string e164;      // "+819012345678"
    std::string national;  // "090-1234-5678"
    PhoneKind kind = PhoneKind::mobile;
    std::string country;  // "JP": ISO 3166-1 alpha-2
};

/// Thread-safe. Making the first one loads libphonenumber's metadata.
class PhoneNumbers {
public:
    explicit PhoneNumbers(std::vector<std::string> allowed_countries = {"JP"});

    /// `typed` of any width, with hyphens, spaces or brackets, national or with + and a country code; `country` is the
    /// one chosen beside it. Rules under `field`: required, phone_unreadable, phone_country, phone_toll_free,
    /// phone_navi_dial, phone_premium, phone_machine (pagers, announcements, machines), phone_fixed_line_no_sms,
    /// phone_ip_no_sms.
    Result<PhoneNumber> parse(std::string_view typed, std::string_view country, PhonePurpose purpose,
                              const std::string& field = "phone") const;
    const std::vector<std::string>& allowed_countries() const { return allowed_countries_; }
    /// "81" of "JP".
    static std::string calling_code(const std::string& country);

private:
    std::vector<std::string> allowed_countries_;
};

/// An organization's own phone as it is shown on pages and letters: "03-0000-4100", toll-free too. Rules: required,
/// phone_unreadable.
Result<std::string> parse_contact_phone(std::string_view typed, const std::string& field = "phone");

/// "090-****-5678": enough to recognize one's own number, not enough to call it.
std::string masked(std::string_view national);

}  // namespace madoguchi::gateway
