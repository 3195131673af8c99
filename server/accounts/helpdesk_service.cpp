#include "accounts/helpdesk_service.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/desk_limits.hpp"
#include "base/japanese_text.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr auto kPermission = Permission::start_reset;
constexpr std::array<std::string_view, 3> kEnds = {"unlock", "start_reset", "unverified"};

std::string_view to_text(HelpdeskEnd end) {
    return kEnds.at(static_cast<std::size_t>(end));
}

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

bool is_administrators(const Account& account) {
    return std::ranges::any_of(account.grants,
                               [](const directory::Grant& grant) { return directory::is_administrator(grant.role); });
}

HelpdeskFound found_of(const Account& account) {
    return {.id = account.id,
            .login_id = masked_login_id(account.login_id),
            .person = masked_person(account),
            .organization = account.organization.name,
            .state = account.state,
            .administrator = is_administrators(account)};
}

audit::Entry entry_for(const Account& account, std::string action) {
    return {.action = std::move(action),
            .organization_path = account.organization.path,
            .target_kind = "account",
            .target_id = account.id.value,
            .target_name = account.login_id};
}

audit::Entry attempt_for(const Principal& principal, std::string action, std::string target_kind, std::int64_t target) {
    return {.action = std::move(action),
            .organization_path = principal.home.path,
            .target_kind = std::move(target_kind),
            .target_id = target,
            .target_name = {}};
}

/// The words of a query, each as search_key() makes them.
Result<std::vector<std::string>> words_of(const std::string& query) {
    const std::string folded = fold_width(query);
    if (folded.empty()) {
        return invalid_field("q", "required");
    }
    if (code_points(folded) > limits::kHelpdeskQueryCodePoints) {
        return invalid_field("q", "too_long", {{"maximum", std::to_string(limits::kHelpdeskQueryCodePoints)}});
    }
    std::vector<std::string> words;
    for (std::size_t from = 0; from < folded.size() && words.size() < limits::kHelpdeskWords;) {
        const auto end = std::min(folded.find(' ', from), folded.size());
        if (auto word = search_key(folded.substr(from, end - from)); !word.empty()) {
            words.push_back(std::move(word));
        }
        from = end + 1;
    }
    // One letter is everybody.
    if (std::ranges::none_of(words, [](const std::string& word) { return code_points(word) >= 2; })) {
        return invalid_field("q", "too_short", {{"minimum", "2"}});
    }
    return words;
}

}  // namespace

std::optional<HelpdeskEnd> helpdesk_end(std::string_view text) {
    const auto found = std::ranges::find(kEnds, text);
    if (found == kEnds.end()) {
        return std::nullopt;
    }
    return static_cast<HelpdeskEnd>(found - kEnds.begin());
}

Result<std::vector<AccountId>> HelpdeskService::search(db::Transaction& tx, const std::vector<std::string>& words,
                                                       Instant now) const {
    // The rarest word is looked up by an index; the others are looked for in what it finds.
    std::optional<std::vector<std::int64_t>> fewest;
    for (const auto& word : words) {
        const auto keys = search_keys(word);
        if (!keys) {
            continue;
        }
        AccountQuestion question;
        question.limit = limits::kHelpdeskCandidates;
        std::vector<std::int64_t> ids;
        for (const auto& row : TRY(lists_.search(tx, *keys, question, now))) {
            ids.push_back(row.account.id.value);
        }
        if (!fewest || ids.size() < fewest->size()) {
            fewest = std::move(ids);
        }
    }
    if (!fewest || fewest->empty()) {
        return std::vector<AccountId>();
    }
    return store_.with_words(tx, *fewest, words, limits::kHelpdeskFound + 1);
}

Result<std::vector<HelpdeskFound>> HelpdeskService::find(const Principal& principal, const std::string& query,
                                                         Instant now) {
    const auto attempt = attempt_for(principal, "helpdesk.find", "search", 0);
    const auto actors = directory::acting(principal, kPermission, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto words = TRY(words_of(query));
    std::vector<HelpdeskFound> out;
    for (const Actor& actor : *actors) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            nlohmann::json seen = nlohmann::json::array();
            for (const AccountId id : TRY(search(tx, words, now))) {
                const auto account = TRY(parts_.accounts.find(tx, id, now));
                if (account && directory::may(principal, kPermission, account->organization, now)) {
                    out.push_back(found_of(*account));
                    seen.push_back(account->login_id);
                }
            }
            audit::Entry entry = attempt;
            entry.organization_path = actor.jurisdiction.setting();
            entry.target_name = fold_width(query);
            entry.after = {{"found", std::move(seen)}};
            return parts_.audit.append(tx, actor, entry, now);
        }));
    }
    return out;
}

Result<HelpdeskCaseId> HelpdeskService::open(const Principal& principal, AccountId id, Instant now) {
    const auto attempt = attempt_for(principal, "helpdesk.open", "account", id.value);
    const auto actors = directory::acting(principal, kPermission, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<HelpdeskCaseId> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<HelpdeskCaseId> {
            const auto account = TRY(parts_.accounts.find(tx, id, now));
            if (!account || account->state == AccountState::closed ||
                !directory::may(principal, kPermission, account->organization, now)) {
                return hidden();
            }
            TRY(directory::may_act_on(principal, kPermission, id, account->grants, now));
            const auto opened = TRY(store_.open(tx, principal.account, *account, now + limits::kHelpdeskCaseLife, now));
            audit::Entry entry = entry_for(*account, "helpdesk.open");
            entry.after = {{"case", opened.value}};
            TRY(parts_.audit.append(tx, actor, entry, now));
            return opened;
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

Result<HelpdeskCase> HelpdeskService::own_case(db::Transaction& tx, const Principal& principal,
                                               HelpdeskCaseId id) const {
    auto record = TRY(store_.find(tx, id));
    if (!record || record->operator_account != principal.account) {
        return hidden();
    }
    return std::move(*record);
}

Result<HelpdeskView> HelpdeskService::view_within(db::Transaction& tx, const HelpdeskCase& record, Instant now) const {
    const auto account = TRY(parts_.accounts.find(tx, record.account, now));
    if (!account) {
        return hidden();
    }
    const auto file = TRY(store_.on_file(tx, record.account));
    const auto wrong = TRY(store_.mismatches(tx, record.account, now - std::chrono::hours(24)));
    auto second_steps = TRY(parts_.accounts.second_steps(tx, record.account));
    HelpdeskView view{.record = record,
                      .found = found_of(*account),
                      .center = {},
                      .grants = account->grants,
                      .second_steps = std::move(second_steps),
                      .last_signed_in_at = account->last_signed_in_at,
                      .question = question_for(file),
                      .has_number = !file.organization_phone.empty(),
                      .over = !record.outcome.empty() || now >= record.expires_at,
                      .verified = record.person.matched && record.organization.matched && record.callback.matched};
    view.hopeless = record.person.used_up() || record.organization.used_up() || record.callback.used_up() ||
                    wrong >= limits::kHelpdeskMismatchesPerAccountDay || view.question == OrganizationQuestion::none ||
                    !view.has_number;
    for (auto& step : view.second_steps) {
        step.masked_phone = number_end(step.masked_phone);
    }
    const auto organization = TRY(parts_.organizations.get(tx, account->organization.id));
    if (const auto above = parts_.organizations.get(tx, organization.parent); above) {
        view.center = above->name;
    }
    return view;
}

Result<HelpdeskView> HelpdeskService::view(const Principal& principal, HelpdeskCaseId id, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto found = parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<HelpdeskView> {
            return view_within(tx, TRY(own_case(tx, principal, id)), now);
        });
        if (found || found.error().kind != ErrorKind::not_found) {
            return found;
        }
    }
    return hidden();
}

Result<bool> HelpdeskService::check_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                           HelpdeskCaseId id, CallerCheck check, const std::string& said, Instant now) {
    const auto record = TRY(own_case(tx, principal, id));
    const auto account = TRY(parts_.accounts.lock(tx, record.account));
    if (!account) {
        return hidden();
    }
    // Callers who ring again and again: the row of the account is locked, so the count can't be passed in parallel.
    if (TRY(store_.mismatches(tx, record.account, now - std::chrono::hours(24))) >=
        limits::kHelpdeskMismatchesPerAccountDay) {
        return failure(ErrorKind::too_many, "helpdesk_too_many");
    }
    if (!TRY(store_.count_try(tx, id, check, limits::kHelpdeskTries, now))) {
        return failure(ErrorKind::conflict, "helpdesk_case_over");
    }
    const auto file = TRY(store_.on_file(tx, record.account));
    const bool matched = check == CallerCheck::person         ? person_matches(file, said)
                         : check == CallerCheck::organization ? organization_matches(file, said)
                                                              : callback_matches(file, said);
    if (matched) {
        TRY(store_.matched(tx, id, check));
    }
    audit::Entry entry = entry_for(*account, "helpdesk.check");
    entry.after = {{"case", id.value}, {"question", to_text(check)}, {"matched", matched}};
    TRY(parts_.audit.append(tx, actor, entry, now));
    return matched;
}

Result<bool> HelpdeskService::check(const Principal& principal, HelpdeskCaseId id, CallerCheck check,
                                    const std::string& said, Instant now) {
    if (fold_width(said).empty()) {
        return invalid_field(std::string(to_text(check)), "required");  // nothing was said: no try is used up
    }
    const auto attempt = attempt_for(principal, "helpdesk.check", "helpdesk_case", id.value);
    Result<bool> result = hidden();
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) {
            return check_within(tx, principal, actor, id, check, said, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

Result<HelpdeskView> HelpdeskService::finish_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                                    HelpdeskCaseId id, HelpdeskEnd end, Instant now) {
    auto record = TRY(own_case(tx, principal, id));
    std::string sent_to;
    if (end == HelpdeskEnd::unverified) {
        const auto account = TRY(parts_.accounts.find(tx, record.account, now));
        if (!account) {
            return hidden();
        }
        audit::Entry entry = entry_for(*account, "helpdesk.unverified");
        entry.after = {{"case", id.value}};
        TRY(parts_.audit.append(tx, actor, entry, now));
    } else {
        if (!record.person.matched || !record.organization.matched || !record.callback.matched) {
            return failure(ErrorKind::conflict, "helpdesk_not_verified");
        }
        const auto act = end == HelpdeskEnd::unlock ? AccountAct::unlock : AccountAct::start_reset;
        const auto reason = fmt::format("電話で本人を照合（ヘルプデスク受付 {}）", id.value);
        sent_to =
            TRY(parts_.accounts.act_inside(tx, principal, actor, record.account, act, reason, now)).reset_code_sent_to;
    }
    if (!TRY(store_.end(tx, id, std::string(to_text(end)), sent_to, now))) {
        return failure(ErrorKind::conflict, "helpdesk_case_over");
    }
    record.outcome = to_text(end);
    record.sent_to = sent_to;
    return view_within(tx, record, now);
}

Result<HelpdeskView> HelpdeskService::finish(const Principal& principal, HelpdeskCaseId id, HelpdeskEnd end,
                                             Instant now) {
    const auto attempt = attempt_for(principal, "helpdesk." + std::string(to_text(end)), "helpdesk_case", id.value);
    Result<HelpdeskView> result = hidden();
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) {
            return finish_within(tx, principal, actor, id, end, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

}  // namespace madoguchi::accounts
