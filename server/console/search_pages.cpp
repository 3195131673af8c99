#include "console/search_pages.hpp"

#include "accounts/account_pages.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "directory/organization_pages.hpp"
#include "http/percent.hpp"

namespace madoguchi::console {
namespace {

using directory::Principal;
using http::Request;
using http::Response;

void show_accounts(render::View& page, const SearchParts& parts, const Request& request, const std::string& word,
                   const accounts::AccountListService::Page& found) {
    if (found.rows.empty()) {
        return;
    }
    auto& section = page.add("ACCOUNTS_FOUND");
    for (const auto& listed : found.rows) {
        const auto& account = listed.account;
        section.add("ACCOUNT")
            .set("ACCOUNT_ID", std::to_string(account.id.value))
            .set("ACCOUNT_PERSON", accounts::person(account))
            .set("ACCOUNT_LOGIN_ID", accounts::short_login_id(account.login_id))
            .set("ACCOUNT_ORGANIZATION", account.organization.name)
            .set("STATE_TONE", accounts::tone_of(account.state))
            .set("STATE_NAME",
                 parts.console.text(request, "account_state." + std::string(accounts::to_text(account.state))));
    }
    if (found.more) {
        section.add("MORE_ACCOUNTS").set("MORE_URL", "/accounts?q=" + http::percent_encode(word));
    }
}

void show_organizations(render::View& page, const SearchParts& parts, const Request& request, const std::string& word,
                        const directory::OrganizationListService::Page& found) {
    if (found.rows.empty()) {
        return;
    }
    auto& section = page.add("ORGANIZATIONS");
    directory::show_organization_rows(section, parts.console, request, found.rows);
    if (found.more) {
        section.add("MORE_ORGANIZATIONS").set("MORE_URL", "/organizations?q=" + http::percent_encode(word));
    }
}

// Somebody who types a whole ID or code wants that one.
std::optional<std::string> straight_to(const std::string& word, const accounts::AccountListService::Page& accounts,
                                       const directory::OrganizationListService::Page& organizations) {
    const auto key = search_key(word);
    for (const auto& listed : accounts.rows) {
        if (key == listed.account.login_id || key == accounts::short_login_id(listed.account.login_id)) {
            return "/accounts/" + std::to_string(listed.account.id.value);
        }
    }
    const auto digits = fold_digits(word);
    for (const auto& listed : organizations.rows) {
        if (digits && !digits->empty() && *digits == listed.organization.institution_code) {
            return directory::address_of(listed.organization.id);
        }
    }
    return std::nullopt;
}

Result<Response> search(const SearchParts& parts, const Request& request, const Principal& principal) {
    if (!directory::browses_directory(principal, request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    const auto word = strip_spaces(request.query.text("q"));
    render::View page = parts.console.view(request, principal, "");
    page.set("SEARCHED", word);
    if (search_key(word).empty()) {
        page.show("NOTHING_TYPED").set("SEARCH_HEADING", parts.console.text(request, "search.title"));
        return parts.console.writer().page(request, "search", page);
    }
    page.set("SEARCH_HEADING", parts.console.text(request, "search.heading", {{"searched", word}}));
    const auto organizations =
        TRY(parts.organizations.list(principal, {.word = word, .limit = limits::kFoundRows}, request.now));
    const auto accounts = TRY(parts.accounts.list(principal, {.word = word, .limit = limits::kFoundRows}, request.now));
    if (const auto path = straight_to(word, accounts, organizations)) {
        return Response::see_other(*path);
    }
    show_organizations(page, parts, request, word, organizations);
    show_accounts(page, parts, request, word, accounts);
    if (organizations.rows.empty() && accounts.rows.empty()) {
        page.show("NOTHING_FOUND");
    }
    return parts.console.writer().page(request, "search", page);
}

}  // namespace

void add_search_pages(directory::Console& console, const SearchParts& parts) {
    console.page(http::Method::get, "/search", [parts](const Request& request, const Principal& principal) {
        return search(parts, request, principal);
    });
}

}  // namespace madoguchi::console
