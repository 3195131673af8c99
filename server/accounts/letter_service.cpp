#include "accounts/letter_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/file_limits.hpp"
#include "base/letter_limits.hpp"
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};

int number_in(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Until the end of a day, so that the date on the paper is the whole truth.
Instant letter_expiry(Instant now) {
    return start_of_japanese_day(now) + limits::kInitialPasswordByLetter;
}

// The day of printing and the account: two letters of one account differ by how often it was printed.
std::string letter_number(const LetterDraft& draft, Instant now) {
    const auto date = format_japanese_date_time(now);
    const auto number =
        fmt::format("{}-{}{}-{:05}", date.substr(0, 4), date.substr(5, 2), date.substr(8, 2), draft.account.value);
    return draft.prints == 0 ? number : fmt::format("{}-{}", number, draft.prints + 1);
}

}  // namespace

std::string letter_date(Instant instant, Locale locale) {
    const auto text = format_japanese_date_time(instant);  // 2026/12/02 15:04
    const int year = number_in(std::string_view(text).substr(0, 4));
    const int month = number_in(std::string_view(text).substr(5, 2));
    const int day = number_in(std::string_view(text).substr(8, 2));
    return locale == Locale::ja ? fmt::format("{}年{}月{}日", year, month, day)
                                : fmt::format("{} {} {}", day, kMonths.at(static_cast<std::size_t>(month - 1)), year);
}

Result<LetterOverview> LetterService::overview(const Principal& principal, AccountId after, int limit, Instant now) {
    LetterOverview out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            for (auto& batch : TRY(store_.batches(tx))) {
                out.batches.push_back(std::move(batch));
            }
            for (auto& draft : TRY(store_.singles(tx, after, limit))) {
                out.singles.push_back(std::move(draft));
            }
            return {};
        }));
    }
    std::ranges::sort(out.singles, {}, &LetterDraft::account);
    out.singles.resize(std::min(out.singles.size(), static_cast<std::size_t>(limit)));
    return out;
}

Result<std::int64_t> LetterService::count_waiting(const Principal& principal, int most, Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        count +=
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.count_waiting(tx, most); }));
    }
    return count;
}

Result<std::vector<LetterPart>> LetterService::parts_of(const Principal& principal, BatchId batch, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        auto parts = TRY(parts_.database.transact(
            actor, [&](db::Transaction& tx) { return store_.parts(tx, batch, limits::kLettersPerFile); }));
        if (!parts.empty()) {
            return parts;
        }
    }
    return std::vector<LetterPart>();
}

Result<LetterDraft> LetterService::show(const Principal& principal, AccountId account, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        auto found =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, account); }));
        if (found && directory::may(principal, Permission::issue_account, found->organization, now)) {
            return std::move(*found);
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

Result<PrintedLetters> LetterService::print(const Principal& principal, AccountId account, int prints, Locale locale,
                                            Instant now) {
    const auto draft = TRY(show(principal, account, now));
    if (draft.prints != prints) {
        return failure(ErrorKind::conflict, "letter_printed");
    }
    auto actors = TRY(directory::acting(principal, Permission::issue_account, now));
    const auto actor = std::ranges::find_if(
        actors, [&](const Actor& one) { return one.jurisdiction.contains(draft.organization.path); });
    return print_drafts(principal, *actor, {draft}, locale, now);
}

Result<PrintedLetters> LetterService::print_batch(const Principal& principal, BatchId batch, int first_row,
                                                  int last_row, Locale locale, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::issue_account, now))) {
        auto drafts = TRY(parts_.database.transact(
            actor, [&](db::Transaction& tx) { return store_.of_batch(tx, batch, first_row, last_row); }));
        std::erase_if(drafts, [&](const LetterDraft& draft) {
            return !directory::may(principal, Permission::issue_account, draft.organization, now);
        });
        if (drafts.size() > static_cast<std::size_t>(limits::kLettersInOneFile)) {
            return failure(ErrorKind::invalid, "malformed_request", "more letters than one file holds");
        }
        if (!drafts.empty()) {
            return print_drafts(principal, actor, drafts, locale, now);
        }
    }
    return failure(ErrorKind::conflict, "letter_printed");
}

Result<render::LetterAddress> LetterService::sender_of(const directory::OrganizationRef& organization) const {
    const auto above = TRY(parts_.organizations.contact_above(organization.path));
    if (!above) {
        return render::LetterAddress{};
    }
    return render::LetterAddress{above->postal_code, above->address, above->name, above->phone};
}

Result<std::vector<render::Letter>> LetterService::compose(const std::vector<LetterDraft>& drafts,
                                                           const std::string& last_day, Locale locale,
                                                           Instant now) const {
    std::vector<render::Letter> letters;
    std::map<std::string, render::LetterAddress> senders;  // by the path above
    for (const auto& draft : drafts) {
        const auto& place = draft.organization;
        const auto above = place.path.substr(0, place.path.find_last_of('.', place.path.size() - 2) + 1);
        if (!senders.contains(above)) {
            senders.emplace(above, TRY(sender_of(place)));
        }
        letters.push_back({.to = {draft.postal_code, draft.address, place.name, {}},
                           .person = draft.person,
                           .from = senders.at(above),
                           .number = letter_number(draft, now),
                           .issued_on = letter_date(now, locale),
                           .login_id = draft.login_id,
                           .password = {},
                           .expires_on = last_day});
    }
    return letters;
}

// How long the link opens stands in the message that brings it.
Result<PrintedLetters> LetterService::print_ids(const Principal& principal, const std::vector<LetterDraft>& drafts,
                                                Locale locale, Instant now) {
    const auto letters = TRY(compose(drafts, {}, locale, now));
    std::vector<audit::Entry> entries;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        entries.push_back({.action = "letter.print_id",
                           .organization_path = drafts[i].organization.path,
                           .target_kind = "account",
                           .target_id = drafts[i].account.value,
                           .target_name = drafts[i].login_id,
                           .after = {{"number", letters[i].number}}});
    }
    PrintedLetters printed{render::print_letters(letters, parts_.service, parts_.texts, locale),
                           static_cast<int>(letters.size())};
    const auto actors = TRY(directory::acting(principal, Permission::issue_account, now));
    TRY(parts_.database.transact(actors.front(), [&](db::Transaction& tx) {
        return parts_.audit.append_many(tx, actors.front(), entries, now);
    }));
    return printed;
}

// The PDF is made before anything is stored: if it can't be, the letters still wait. What is stored then is guarded by
// how often each was printed, so of two people who print the same letters one gets them.
Result<PrintedLetters> LetterService::print_drafts(const Principal& principal, const Actor& actor,
                                                   const std::vector<LetterDraft>& drafts, Locale locale, Instant now) {
    const Instant expires_at = letter_expiry(now);
    Minted minted;
    auto letters = TRY(compose(drafts, letter_date(expires_at - std::chrono::seconds(1), locale), locale, now));
    std::vector<audit::Entry> entries;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        const auto& draft = drafts[i];
        const SecretText password = crypto::make_initial_password(parts_.entropy);
        minted.accounts.push_back(draft.account.value);
        minted.digests.push_back(
            crypto::digest_initial_password(parts_.token_key, std::to_string(draft.account.value), password));
        minted.prints.push_back(draft.prints);
        letters[i].password = crypto::show_initial_password(password);
        entries.push_back({.action = draft.prints == 0 ? "letter.print" : "letter.print_again",
                           .organization_path = draft.organization.path,
                           .target_kind = "account",
                           .target_id = draft.account.value,
                           .target_name = draft.login_id,
                           .after = {{"number", letters[i].number}}});
    }
    PrintedLetters printed{render::print_letters(letters, parts_.service, parts_.texts, locale),
                           static_cast<int>(letters.size())};
    TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        const auto stored = TRY(store_.print(tx, minted, expires_at, principal.login_id, now));
        if (stored != static_cast<std::int64_t>(drafts.size())) {
            return failure(ErrorKind::conflict, "letter_printed");
        }
        return parts_.audit.append_many(tx, actor, entries, now);
    }));
    return printed;
}

}  // namespace madoguchi::accounts
