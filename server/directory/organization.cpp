#include "directory/organization.hpp"

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "directory/organization_codes.hpp"
#include "gateway/phone_number.hpp"

namespace madoguchi::directory {
namespace {

std::string checked_text(const std::string& typed, const std::string& field, bool required, FieldErrors& errors) {
    std::string folded = fold_width(typed);
    if (required && folded.empty()) {
        errors.add(field, "required");
    } else if (code_points(folded) > limits::kNameCodePoints) {
        errors.add(field, "too_long", {{"maximum", std::to_string(limits::kNameCodePoints)}});
    }
    return folded;
}

void check_institution_code(const CreateOrganization& command, CheckedOrganization& out, FieldErrors& errors) {
    const bool required = command.kind == OrganizationKind::facility;
    if (command.institution_code.empty()) {
        if (required) {
            errors.add("institution_code", "required");
        }
        return;
    }
    if (!required) {
        errors.add("institution_code", "institution_code_not_for_kind");
        return;
    }
    if (auto code = errors.take(parse_institution_code(command.institution_code))) {
        out.organization.institution_code = code->code;
        out.organization.prefecture_code = code->prefecture;
        if (code->warning) {
            out.warnings.push_back(*code->warning);
        }
    }
}

void check_local_government_code(const CreateOrganization& command, CheckedOrganization& out, FieldErrors& errors) {
    if (command.local_government_code.empty()) {
        if (command.kind == OrganizationKind::prefecture) {
            errors.add("local_government_code", "required");
        }
        return;
    }
    if (auto code = errors.take(parse_local_government_code(command.local_government_code))) {
        out.organization.local_government_code = *code;
        if (command.kind == OrganizationKind::prefecture) {
            out.organization.prefecture_code = std::stoi(code->substr(0, 2));
        }
    }
}

}  // namespace

bool may_stand_below(OrganizationKind kind, OrganizationKind parent) {
    switch (kind) {
        case OrganizationKind::ministry:
            return false;
        case OrganizationKind::prefecture:
        case OrganizationKind::helpdesk:
            return parent == OrganizationKind::ministry;
        case OrganizationKind::health_center:
            return parent == OrganizationKind::prefecture;
        case OrganizationKind::facility:
        case OrganizationKind::follow_up_center:
            return parent == OrganizationKind::health_center;
    }
    return false;
}

Result<CheckedOrganization> check(const CreateOrganization& command, OrganizationKind parent_kind,
                                  int parent_prefecture) {
    FieldErrors errors;
    CheckedOrganization out;
    out.organization.kind = command.kind;
    out.organization.parent = command.parent;
    out.organization.prefecture_code = parent_prefecture;
    if (!may_stand_below(command.kind, parent_kind)) {
        errors.add("kind", "kind_not_allowed_here");
    }
    out.organization.name = checked_text(command.name, "name", true, errors);
    out.organization.address = checked_text(command.address, "address", false, errors);
    checked_text(command.kana, "kana", false, errors);
    if (auto kana = fold_kana(command.kana)) {
        out.organization.kana = *kana;
    } else {
        errors.add("kana", "kana_format");
    }
    check_institution_code(command, out, errors);
    check_local_government_code(command, out, errors);
    if (!command.phone.empty()) {
        out.organization.phone = errors.take(gateway::parse_contact_phone(command.phone)).value_or("");
    }
    if (!command.postal_code.empty()) {
        out.organization.postal_code = errors.take(parse_postal_code(command.postal_code)).value_or("");
    }
    const int own = out.organization.prefecture_code;
    if (parent_prefecture != 0 && own != 0 && own != parent_prefecture) {
        out.warnings.emplace_back("prefecture_differs");
    }
    TRY(std::move(errors).result());
    return out;
}

}  // namespace madoguchi::directory
