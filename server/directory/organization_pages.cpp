#include "directory/organization_pages.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/percent.hpp"

namespace madoguchi::directory {

using http::Method;
using http::Request;

void OrganizationPages::add_pages() {
    using Handler = Page (OrganizationPages::*)(const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console_.page(method, std::move(pattern),
                      [this, handler](const Request& request, const Principal& principal) -> Page {
                          if (!browses_directory(principal, request.now)) {
                              return failure(ErrorKind::forbidden, "forbidden");
                          }
                          return (this->*handler)(request, principal);
                      });
    };
    add(Method::get, "/organizations", &OrganizationPages::list);
    add(Method::get, "/organizations/new", &OrganizationPages::ask_new);
    add(Method::post, "/organizations/new", &OrganizationPages::create);
    add(Method::get, "/organizations/check-code", &OrganizationPages::check_code);
    add(Method::get, "/organizations/{id}", &OrganizationPages::organization);
    add(Method::get, "/organizations/{id}/edit", &OrganizationPages::ask_edit);
    add(Method::post, "/organizations/{id}/edit", &OrganizationPages::edit);
    add(Method::get, "/organizations/{id}/close", &OrganizationPages::ask_close);
    add(Method::post, "/organizations/{id}/close", &OrganizationPages::close);
    add(Method::post, "/organizations/{id}/reopen", &OrganizationPages::reopen);
    add(Method::get, "/organizations/{id}/move", &OrganizationPages::ask_move);
    add(Method::post, "/organizations/{id}/move", &OrganizationPages::move);
}

std::string address_of(OrganizationId organization) {
    return "/organizations/" + std::to_string(organization.value);
}

std::string OrganizationPages::kind_name(const Request& request, OrganizationKind kind) const {
    return console_.text(request, "organization_kind." + std::string(to_text(kind)));
}

Result<Organization> OrganizationPages::wanted(const Request& request, const Principal& principal) {
    const OrganizationId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    return organizations_.show(browsing(principal), id, request.now);
}

void show_organization_rows(render::View& page, const Console& console, const Request& request,
                            const std::vector<ListedOrganization>& rows) {
    for (const auto& listed : rows) {
        const auto& organization = listed.organization;
        auto& row = page.add("ORGANIZATION");
        row.set("ROW_URL", address_of(organization.id)).set("ROW_NAME", organization.name);
        row.set("ROW_KIND", console.text(request, "organization_kind." + std::string(to_text(organization.kind))));
        row.set("ROW_PARENT", listed.parent_name);
        row.set("ROW_CODE", !organization.institution_code.empty() ? organization.institution_code
                                                                   : organization.local_government_code);
        row.set("ROW_ID", std::to_string(organization.id.value)).set("ROW_PHONE", organization.phone);
        row.set("ROW_ACCOUNTS", std::to_string(listed.accounts)).set("ROW_BELOW", std::to_string(listed.facilities));
        if (!organization.kana.empty()) {
            row.add("ROW_KANA").set("ROW_KANA_TEXT", organization.kana);
        }
        row.show(listed.accounts == 0 ? "NO_ACCOUNT" : "ACCOUNTS");
        if (organization.state != "active") {
            row.show("ROW_CLOSED");
        }
    }
}

std::string query_of(const OrganizationQuestion& question) {
    std::string out;
    const auto add = [&](const char* field, const std::string& value) {
        if (!value.empty()) {
            out += (out.empty() ? "?" : "&") + std::string(field) + "=" + http::percent_encode(value);
        }
    };
    add("q", question.word);
    add("kind", question.kind ? std::string(to_text(*question.kind)) : std::string());
    add("state", question.state.value_or(""));
    return out;
}

OrganizationQuestion question_of(const http::Request& request) {
    OrganizationQuestion question{.word = request.query.text("q"),
                                  .kind = organization_kind(request.query.text("kind")),
                                  .state = std::nullopt,
                                  .after = {}};
    if (const auto state = request.query.text("state"); state == "active" || state == "closed") {
        question.state = state;
    }
    return question;
}

// Whoever has one health centre registers its facilities from the list; others go by the place that it shall stand
// below.
std::optional<OrganizationRef> own_center(const Principal& principal, Instant now) {
    std::optional<OrganizationRef> found;
    for (const auto& grant : principal.grants) {
        const OrganizationRef below{{}, OrganizationKind::facility, grant.organization.path + "0.", ""};
        if (grant.organization.kind != OrganizationKind::health_center || !grant.active(now) ||
            !may(principal, Permission::create_organization, below, now)) {
            continue;
        }
        if (found && found->id != grant.organization.id) {
            return std::nullopt;
        }
        found = grant.organization;
    }
    return found;
}

OrganizationPages::Page OrganizationPages::list(const Request& request, const Principal& principal) {
    const auto place = place_of(request);
    auto question = question_of(request);
    question.after = OrganizationId{place.after};
    question.limit = limits::kPageRows;
    const auto found = TRY(lists_.list(principal, question, request.now));
    render::View page = console_.view(request, principal, "organizations");
    page.set("SEARCHED", question.word).set("WORD", question.word);
    add_option(page, "kind", "", console_.text(request, "list.all"), request.query.text("kind"));
    for (const auto kind : kOrganizationKinds) {
        add_option(page, "kind", to_text(kind), kind_name(request, kind), request.query.text("kind"));
    }
    for (const auto* state : {"", "active", "closed"}) {
        add_option(page, "state", state,
                   console_.text(request, *state == '\0' ? "list.all" : "organization_state." + std::string(state)),
                   request.query.text("state"));
    }
    const auto chip = [&](const char* field, const char* label, const std::string& value) {
        add_chip(page,
                 console_.text(request, "list.condition", {{"field", console_.text(request, label)}, {"value", value}}),
                 first_page_with(request, {{field, ""}}));
    };
    if (!question.word.empty()) {
        chip("q", "list.word", question.word);
    }
    if (question.kind) {
        chip("kind", "accounts.kind", kind_name(request, *question.kind));
    }
    if (question.state) {
        chip("state", "accounts.state", console_.text(request, "organization_state." + *question.state));
    }
    for (const auto top : lists_.tops(principal, request.now)) {
        page.add("TOP").set("TOP_URL", address_of(top));
    }
    if (const auto center = own_center(principal, request.now)) {
        page.add("ADD")
            .set("ADD_URL", "/organizations/new?parent=" + std::to_string(center->id.value) + "&kind=facility")
            .set("ADD_NAME", console_.text(request, "organization.add",
                                           {{"kind", kind_name(request, OrganizationKind::facility)}}));
    }
    show_organization_rows(page, console_, request, found.rows);
    if (found.rows.empty()) {
        page.show(page.shows("CHIPS") ? "EMPTY_BY_CONDITIONS" : "EMPTY_AT_ALL");
    } else {
        const auto first = (place.page - 1) * limits::kPageRows + 1;
        page.add("LIST")
            .set("FIRST_ROW", std::to_string(first))
            .set("LAST_ROW", std::to_string(first + static_cast<std::int64_t>(found.rows.size()) - 1));
    }
    show_pager(page, request, place, found.more ? found.rows.back().organization.id.value : 0);
    for (const auto& [variable, ending] : {std::pair("AS_XLSX_URL", "xlsx"), std::pair("AS_CSV_URL", "csv")}) {
        page.set(variable, "/organizations/list." + std::string(ending) + query_of(question));
    }
    if (acting(principal, Permission::create_organization, request.now)) {
        page.show("CAN_IMPORT");
    }
    return console_.writer().page(request, "organizations", page);
}

Result<std::vector<OrganizationRef>> OrganizationPages::show_crumbs(render::View& page, const Request& request,
                                                                    const Principal& principal,
                                                                    const Organization& organization) {
    const auto above = TRY(lists_.above(principal, organization, request.now));
    add_crumb(page, console_.text(request, "nav.organizations"), "/organizations");
    for (const auto& one : above) {
        add_crumb(page, one.name, address_of(one.id));
    }
    return above;
}

void OrganizationPages::show_facts(render::View& page, const Request& request, const Organization& organization) const {
    page.set("ORGANIZATION_URL", address_of(organization.id)).set("ORGANIZATION_TITLE", organization.name);
    page.set("ORGANIZATION_ID", std::to_string(organization.id.value));
    page.set("ORGANIZATION_KIND", kind_name(request, organization.kind));
    page.set("ORGANIZATION_SINCE", format_japanese_date_time(organization.created_at).substr(0, 10));
    page.show(organization.state == "active" ? "ORGANIZATION_OPEN" : "ORGANIZATION_CLOSED");
    const auto fact = [&](const char* label, const std::string& value) {
        if (!value.empty()) {
            page.add("FACT").set("FACT_NAME", console_.text(request, label)).set("FACT_VALUE", value);
        }
    };
    fact("organization.kana", organization.kana);
    fact("organization.institution_code", organization.institution_code);
    fact("organization.local_government_code", organization.local_government_code);
    fact("organization.phone", organization.phone);
    fact("organization.address", organization.postal_code.empty()
                                     ? organization.address
                                     : "〒" + organization.postal_code + " " + organization.address);
}

void OrganizationPages::show_acts(render::View& page, const Request& request, const Principal& principal,
                                  const Organization& organization, const std::vector<OrganizationRef>& above) const {
    const auto operation = [&](const std::string& url, const std::string& name, const char* look, const char* text) {
        auto& row = page.add("OPERATION");
        row.set("OPERATION_URL", url).set("OPERATION_NAME", name).set("OPERATION_LOOK", look);
        row.set("OPERATION_TEXT", *text == '\0' ? "" : console_.text(request, text));
    };
    const auto place = ref(organization);
    const bool open = organization.state == "active";
    if (open && console_.serves("/issue") && may(principal, Permission::issue_account, place, request.now)) {
        operation("/issue?organization=" + std::to_string(organization.id.value), console_.text(request, "nav.issue"),
                  "button--primary", "organization.issue_text");
    }
    for (const auto kind : kOrganizationKinds) {
        const OrganizationRef below{{}, kind, organization.path + "0.", ""};
        if (open && may_stand_below(kind, organization.kind) &&
            may(principal, Permission::create_organization, below, request.now)) {
            operation("/organizations/new?parent=" + std::to_string(organization.id.value) +
                          "&kind=" + std::string(to_text(kind)),
                      console_.text(request, "organization.add", {{"kind", kind_name(request, kind)}}), "", "");
        }
    }
    const bool changes = may(principal, Permission::create_organization, place, request.now);
    if (open && changes) {
        operation(address_of(organization.id) + "/edit", console_.text(request, "organization.edit"), "", "");
    }
    if (open && console_.serves("/organizations/{id}/contact") &&
        may(principal, Permission::issue_account, place, request.now)) {
        operation(address_of(organization.id) + "/contact", console_.text(request, "organization.contact"), "",
                  "organization.contact_short");
    }
    if (open && !above.empty() && above.back().id == organization.parent &&
        may_stand_below(organization.kind, OrganizationKind::health_center) &&
        may_move(principal, above.back(), above.back(), request.now)) {
        operation(address_of(organization.id) + "/move", console_.text(request, "organization.move"), "",
                  "organization.move_short");
    }
    if (open && changes) {
        operation(address_of(organization.id) + "/close", console_.text(request, "organization.close"),
                  "button--danger", "organization.close_short");
    }
    if (!page.shows("OPERATION")) {
        page.show("NO_OPERATION");
    }
}

void OrganizationPages::show_done(render::View& page, const Request& request, const Organization& organization) const {
    const auto done = request.query.text("done");
    if (done == "close" && organization.state == "closed") {
        show_undo(page, console_.text(request, "organization.done_close", {{"name", organization.name}}),
                  address_of(organization.id) + "/reopen", console_.text(request, "organization.undo_close"));
    } else if (done == "new" || done == "edit" || done == "move" || done == "reopen") {
        show_toast(page, console_.text(request, "organization.done_" + done, {{"name", organization.name}}));
    }
    const auto warning = "error." + request.query.text("warning");
    if ((done == "new" || done == "edit") && console_.writer().texts().has(warning)) {
        page.show("WARNING_NOTICE").set("NOTICE_TEXT", console_.text(request, warning));
    }
}

OrganizationPages::Page OrganizationPages::organization(const Request& request, const Principal& principal) {
    const auto organization = TRY(wanted(request, principal));
    render::View page = console_.view(request, principal, "organizations");
    const auto above = TRY(show_crumbs(page, request, principal, organization));
    show_facts(page, request, organization);
    show_acts(page, request, principal, organization, above);
    show_done(page, request, organization);
    const auto below = TRY(organizations_.open_below(browsing(principal), organization.id, request.now));
    page.set("ACCOUNTS_HERE", std::to_string(below.accounts));
    const bool has_below = organization.kind != OrganizationKind::facility &&
                           organization.kind != OrganizationKind::follow_up_center &&
                           organization.kind != OrganizationKind::helpdesk;
    if (!has_below) {
        return console_.writer().page(request, "organization", page);
    }
    const auto place = place_of(request);
    const auto found = TRY(lists_.list(
        principal, {.parent = organization.id, .after = OrganizationId{place.after}, .limit = limits::kPageRows},
        request.now));
    show_organization_rows(page, console_, request, found.rows);
    page.show("BELOW").show(found.rows.empty() ? "EMPTY" : "LIST");
    show_pager(page, request, place, found.more ? found.rows.back().organization.id.value : 0);
    return console_.writer().page(request, "organization", page);
}

}  // namespace madoguchi::directory
