#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/limits.hpp"
#include "directory/organization_codes.hpp"
#include "directory/organization_pages.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::directory {

using http::Request;
using http::Response;

/// What the form shows: as typed, or as it stands.
struct OrganizationPages::Form {
    CreateOrganization typed;
    OrganizationRef place;  // the parent of a new one, or the one that is edited
    bool is_new = true;
    int version = 0;
    std::vector<ListedOrganization> alike = {};
    std::optional<Organization> present = std::nullopt;  // somebody else changed it: what it is now
};

namespace {

CreateOrganization typed_in(const http::Fields& form) {
    CreateOrganization typed;
    typed.kind = organization_kind(form.text("kind")).value_or(OrganizationKind::facility);
    typed.parent = OrganizationId{http::parse_identifier(form.text("parent")).value_or(0)};
    typed.name = form.text("name");
    typed.kana = form.text("kana");
    typed.institution_code = form.text("institution_code");
    typed.local_government_code = form.text("local_government_code");
    typed.phone = form.text("phone");
    typed.postal_code = form.text("postal_code");
    typed.address = form.text("address");
    return typed;
}

CreateOrganization as_typed(const Organization& organization) {
    return {.kind = organization.kind,
            .parent = organization.parent,
            .name = organization.name,
            .kana = organization.kana,
            .institution_code = organization.institution_code,
            .local_government_code = organization.local_government_code,
            .phone = organization.phone,
            .postal_code = organization.postal_code,
            .address = organization.address};
}

std::string done_address(const CreatedOrganization& made, const char* done) {
    return address_of(made.organization.id) + "?done=" + done +
           (made.warnings.empty() ? "" : "&warning=" + made.warnings.front());
}

bool stays_here(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::conflict;
}

constexpr std::array<std::pair<const char*, std::string CreateOrganization::*>, 7> kFields = {
    {{"name", &CreateOrganization::name},
     {"kana", &CreateOrganization::kana},
     {"institution_code", &CreateOrganization::institution_code},
     {"local_government_code", &CreateOrganization::local_government_code},
     {"phone", &CreateOrganization::phone},
     {"postal_code", &CreateOrganization::postal_code},
     {"address", &CreateOrganization::address}}};

}  // namespace

void OrganizationPages::show_alike(render::View& page, const Request& request,
                                   const std::vector<ListedOrganization>& alike) const {
    if (alike.empty()) {
        return;
    }
    auto& section = page.add("ALIKE");
    for (const auto& listed : alike) {
        auto& row = section.add("ALIKE_ROW");
        row.set("ALIKE_URL", address_of(listed.organization.id)).set("ALIKE_NAME", listed.organization.name);
        row.set("ALIKE_KIND", kind_name(request, listed.organization.kind));
        row.set("ALIKE_CODE", listed.organization.institution_code).set("ALIKE_PHONE", listed.organization.phone);
    }
}

void OrganizationPages::show_stale(render::View& page, const Request& request, const Form& form,
                                   const Organization& present) const {
    auto& stale = page.add("STALE");
    stale.set("STALE_BY", console_.text(request, "stale.by_nobody"));
    const auto now = as_typed(present);
    for (const auto& [name, field] : kFields) {
        if (form.typed.*field != now.*field) {
            auto& row = stale.add("STALE_ROW");
            const auto nothing = console_.text(request, "stale.nothing");
            row.set("STALE_WHAT", console_.text(request, std::string("organization.") + name));
            row.set("STALE_THEN", (form.typed.*field).empty() ? nothing : form.typed.*field);
            row.set("STALE_NOW", (now.*field).empty() ? nothing : now.*field);
        }
    }
}

OrganizationPages::Page OrganizationPages::draw_form(const Request& request, const Principal& principal,
                                                     const Form& form, const Error* error) {
    render::View page = console_.view(request, principal, "organizations");
    const auto place = TRY(organizations_.show(browsing(principal), form.place.id, request.now));
    TRY(show_crumbs(page, request, principal, place));
    add_crumb(page, place.name, address_of(place.id));
    for (const auto& [name, field] : kFields) {
        std::string variable(name);
        std::ranges::transform(variable, variable.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        page.set("TYPED_" + variable, form.typed.*field);
    }
    page.set("KIND", to_text(form.typed.kind)).set("PARENT", std::to_string(form.typed.parent.value));
    page.set("KIND_NAME", kind_name(request, form.typed.kind)).set("PLACE_NAME", place.name);
    page.set("FORM_URL", form.is_new ? "/organizations/new" : address_of(place.id) + "/edit");
    page.set("BACK_URL", address_of(place.id)).set("VERSION", std::to_string(form.version));
    page.set("FORM_TITLE",
             form.is_new ? console_.text(request, "organization.add", {{"kind", kind_name(request, form.typed.kind)}})
                         : console_.text(request, "organization.edit_title", {{"name", place.name}}));
    page.set("SUBMIT_NAME", console_.text(request, !form.is_new         ? "organization.save"
                                                   : form.alike.empty() ? "organization.create"
                                                                        : "organization.create_anyway"));
    if (form.is_new) {
        page.show("NEW");
    }
    if (form.typed.kind == OrganizationKind::facility) {
        page.show("TAKES_INSTITUTION_CODE");
    }
    if (form.typed.kind == OrganizationKind::prefecture || form.typed.kind == OrganizationKind::health_center) {
        page.show("TAKES_LOCAL_GOVERNMENT_CODE");
        page.show(form.typed.kind == OrganizationKind::prefecture ? "LOCAL_GOVERNMENT_CODE_NEEDED"
                                                                  : "LOCAL_GOVERNMENT_CODE_FREE");
    }
    show_alike(page, request, form.alike);
    if (form.present) {
        show_stale(page, request, form, *form.present);
    } else if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    if (form.is_new) {
        page.set("BACK", "/organizations/new?parent=" + std::to_string(form.typed.parent.value) +
                             "&kind=" + std::string(to_text(form.typed.kind)));
    }
    const int status = error == nullptr ? 200 : error->kind == ErrorKind::conflict ? 409 : 400;
    return console_.writer().page(request, "organization_form", page, status);
}

OrganizationPages::Page OrganizationPages::ask_new(const Request& request, const Principal& principal) {
    Form form{.typed = typed_in(request.query), .place = {}};
    const auto parent = TRY(organizations_.show(browsing(principal), form.typed.parent, request.now));
    form.place = ref(parent);
    const OrganizationRef below{{}, form.typed.kind, parent.path + "0.", ""};
    if (!may(principal, Permission::create_organization, below, request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    return draw_form(request, principal, form, nullptr);
}

// Somebody who meant another organization of the same name says so by pressing once more.
OrganizationPages::Page OrganizationPages::create(const Request& request, const Principal& principal) {
    const auto fields = TRY(request.form());
    Form form{.typed = typed_in(fields), .place = {}};
    form.place.id = form.typed.parent;
    auto made = organizations_.create(principal, form.typed, Mode::dry_run, request.now);
    if (made && fields.text("confirmed") != "1") {
        form.alike = TRY(lists_.alike(principal, {}, form.typed.name, made->organization.phone, request.now));
        if (!form.alike.empty()) {
            return draw_form(request, principal, form, nullptr);
        }
    }
    if (made) {
        made = organizations_.create(principal, form.typed, Mode::real, request.now);
    }
    if (made) {
        return Response::see_other(done_address(*made, "new"));
    }
    return stays_here(made.error()) ? draw_form(request, principal, form, &made.error()) : failure(made.error());
}

OrganizationPages::Page OrganizationPages::ask_edit(const Request& request, const Principal& principal) {
    const auto organization = TRY(wanted(request, principal));
    if (!may(principal, Permission::create_organization, ref(organization), request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    return draw_form(
        request, principal,
        {.typed = as_typed(organization), .place = ref(organization), .is_new = false, .version = organization.version},
        nullptr);
}

OrganizationPages::Page OrganizationPages::edit(const Request& request, const Principal& principal) {
    const auto organization = TRY(wanted(request, principal));
    const auto fields = TRY(request.form());
    Form form{.typed = typed_in(fields), .place = ref(organization), .is_new = false};
    form.typed.kind = organization.kind;
    form.typed.parent = organization.parent;
    form.version = static_cast<int>(http::parse_identifier(fields.text("version")).value_or(0));
    const auto changed = organizations_.edit(principal, organization.id, form.typed, form.version, request.now);
    if (changed) {
        return Response::see_other(done_address(*changed, "edit"));
    }
    const Error& error = changed.error();
    if (!stays_here(error)) {
        return failure(error);
    }
    if (error.message_id == "changed_meanwhile") {
        form.present = TRY(wanted(request, principal));
        form.version = form.present->version;
    }
    return draw_form(request, principal, form, &error);
}

// What a code says, while it is typed: asked by the form's script, which only repeats what the form itself would say.
OrganizationPages::Page OrganizationPages::check_code(const Request& request, const Principal&) {
    const auto typed = request.query.text("code");
    nlohmann::json out = {{"ok", true}, {"text", ""}};
    const auto refused = [&](const Error& error) {
        const auto& field = error.fields.front();
        out["ok"] = false;
        out["text"] = console_.text(request, "error." + field.message_id, field.values);
    };
    if (request.query.text("kind") == "local_government") {
        const auto code = parse_local_government_code(typed);
        if (code) {
            out["text"] = *code;
        } else {
            refused(code.error());
        }
        return Response::json(200, out);
    }
    const auto code = parse_institution_code(typed);
    if (!code) {
        refused(code.error());
        return Response::json(200, out);
    }
    const auto* prefecture = find_prefecture(code->prefecture);
    std::string said = code->code;
    if (prefecture != nullptr) {
        said += " " + std::string(request.locale == Locale::ja ? prefecture->name : prefecture->name_en);
    }
    out["text"] = said;
    if (code->warning) {
        out["ok"] = false;
        out["text"] = console_.text(request, "error." + *code->warning);
    }
    return Response::json(200, out);
}

}  // namespace madoguchi::directory
