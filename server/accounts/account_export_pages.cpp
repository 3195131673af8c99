#include "accounts/account_pages.hpp"
#include "base/file_limits.hpp"
#include "directory/file_pages.hpp"

namespace madoguchi::accounts {
namespace {

constexpr std::array kHeadings = {"accounts.organization", "accounts.kind",        "field.login_id",
                                  "letters.person",        "account.kana",         "accounts.state",
                                  "accounts.role",         "accounts.second_step", "accounts.last",
                                  "accounts.initial_end",  "account.issued"};

std::string shown_time(const std::optional<Instant>& instant) {
    return instant ? format_rfc3339_japan(*instant).substr(0, 19) + "+09:00" : std::string();
}

}  // namespace

std::vector<std::string> AccountPages::cells_of(const Request& request, const ListedAccount& listed) const {
    const auto& account = listed.account;
    const auto text = [&](const std::string& id) { return console_.text(request, id); };
    std::string roles, steps;
    for (const auto& grant : account.grants) {
        roles += (roles.empty() ? "" : " ") + text("role." + std::string(directory::to_text(grant.role)));
    }
    for (const auto& kind : listed.second_steps) {
        steps += (steps.empty() ? "" : " ") + text("second_step." + kind);
    }
    return {account.organization.name,
            text("organization_kind." + std::string(directory::to_text(account.organization.kind))),
            account.login_id,
            person(account),
            account.family_kana + (account.given_kana.empty() ? "" : " " + account.given_kana),
            text("account_state." + std::string(to_text(account.state))),
            roles,
            steps,
            shown_time(account.last_signed_in_at),
            shown_time(account.initial_expires_at),
            shown_time(account.created_at)};
}

// Every page of the list as its conditions filter it, whole or refused: a file that ends in the middle would be taken
// for the whole.
Result<std::vector<std::vector<std::string>>> AccountPages::exported(const Request& request,
                                                                     const Principal& principal) {
    auto question = account_question(request);
    question.after = {};
    question.limit = limits::kListFilePortion;
    std::vector<std::vector<std::string>> out;
    for (bool more = true; more;) {
        const auto page = TRY(lists_.list(principal, question, request.now));
        for (const auto& listed : page.rows) {
            out.push_back(cells_of(request, listed));
        }
        if (out.size() > static_cast<std::size_t>(limits::kListFileRows)) {
            return failure(Error{.kind = ErrorKind::invalid,
                                 .message_id = "list_too_long",
                                 .values = {{"maximum", std::to_string(limits::kListFileRows)}}});
        }
        more = page.more;
        question.after = page.rows.empty() ? AccountId{} : page.rows.back().account.id;
    }
    const auto conditions = directory::first_page_with(request, {}).substr(request.path.size());
    TRY(accounts_.note_export(principal, conditions, out.size(), request.now));
    return out;
}

AccountPages::Page AccountPages::as_xlsx(const Request& request, const Principal& principal) {
    auto rows = TRY(exported(request, principal));
    spreadsheet::WrittenSheet sheet{
        .name = console_.text(request, "accounts.title"), .columns = {}, .rows = std::move(rows)};
    for (const auto* heading : kHeadings) {
        sheet.columns.push_back({console_.text(request, heading), 24});
    }
    return directory::as_workbook({sheet}, "madoguchi-accounts.xlsx", request.now);
}

AccountPages::Page AccountPages::as_csv(const Request& request, const Principal& principal) {
    std::vector<std::string> headings;
    headings.reserve(kHeadings.size());
    for (const auto* heading : kHeadings) {
        headings.push_back(console_.text(request, heading));
    }
    return directory::as_table(console_, request, headings, TRY(exported(request, principal)),
                               "madoguchi-accounts.csv");
}

}  // namespace madoguchi::accounts
