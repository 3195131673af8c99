#include "app/demo.hpp"

#include <fmt/format.h>
#include <iostream>
#include <map>

#include "app/application.hpp"
#include "app/demo_country.hpp"
#include "app/demo_reports.hpp"

namespace madoguchi::app {
namespace {

using directory::OrganizationKind;
using directory::Principal;
using directory::Role;

constexpr const char* kReason = "デモ用の初期データ";

struct Shown {
    Role role;
    std::string organization;
    std::string login_id;
    std::string initial_password;
};

// Acts as people do: the ministry makes prefectures, prefectures make health centres, health centres make facilities;
// a second administrator approves each administrator's role.
class DemoLoader {
public:
    explicit DemoLoader(Application& application) : application_(application), organizations_(demo_country()) {}

    Result<void> begin(const std::string& ministry_name);
    Result<void> build();
    void print() const;

private:
    Principal principal_of(const accounts::Account& account) const;
    Result<accounts::Changed> issue(const Principal& by, OrganizationId organization, std::optional<Role> role);
    Result<Principal> issue_administrator(const Principal& by, OrganizationId organization, Role role);
    Result<void> show_one(const Principal& by, OrganizationId organization, Role role, const std::string& name);
    Result<void> add(std::size_t index);
    Result<void> report(std::size_t clinic, const accounts::Account& account);
    Result<void> leave_draft(const Principal& who);
    Result<void> staff(std::size_t index, const directory::Organization& organization, const Principal& by);
    Instant now() const { return application_.clock().now(); }

    Application& application_;
    std::vector<DemoOrganization> organizations_;
    std::vector<OrganizationId> ids_;
    std::map<std::size_t, Principal> administrators_;  // by the index of their organization
    Principal first_;
    Principal second_;
    std::uint32_t people_ = 0;
    std::map<Role, Shown> shown_;
    std::size_t reporters_ = 0;
};

Principal DemoLoader::principal_of(const accounts::Account& account) const {
    return {
        .account = account.id,
        .login_id = account.login_id,
        .name = account.family_name + " " + account.given_name,
        .home = account.organization,
        .grants = account.grants,
        .session = {},
        .channel = "system",
        .source = {},
        .request_id = "demo",
    };
}

Result<void> DemoLoader::begin(const std::string& ministry_name) {
    auto first = TRY(application_.accounts().bootstrap(ministry_name, Role::ministry_admin, true, now()));
    first_ = principal_of(first->account);
    auto second = TRY(application_.accounts().bootstrap(ministry_name, Role::ministry_admin, true, now()));
    second_ = principal_of(second->account);
    shown_[Role::ministry_admin] = {Role::ministry_admin, first_.home.name, first_.login_id,
                                    first->initial_password->shown.reveal()};
    const auto auditor = TRY(application_.accounts().bootstrap(ministry_name, Role::auditor, true, now()));
    shown_[Role::auditor] = {Role::auditor, first_.home.name, auditor->account.login_id,
                             auditor->initial_password->shown.reveal()};
    ids_.resize(organizations_.size());
    ids_[0] = first_.home.id;
    administrators_[0] = first_;
    return {};
}

Result<accounts::Changed> DemoLoader::issue(const Principal& by, OrganizationId organization,
                                            std::optional<Role> role) {
    const auto person = demo_person(people_++);
    return application_.accounts().issue(
        by,
        {.organization = organization,
         .login_id = {},
         .names = {person.family_name, person.given_name, person.family_kana, person.given_kana},
         .role = role},
        accounts::Mode::real, now());
}

Result<Principal> DemoLoader::issue_administrator(const Principal& by, OrganizationId organization, Role role) {
    const auto issued = TRY(issue(by, organization, role));
    TRY(application_.requests().decide(second_, *issued.approval, accounts::Decision::approve, kReason,
                                       accounts::Mode::real, now()));
    const auto approved = TRY(application_.accounts().show(second_, issued.account.id, now()));
    shown_.try_emplace(role, Shown{role, approved.account.organization.name, approved.account.login_id,
                                   issued.initial_password->shown.reveal()});
    return principal_of(approved.account);
}

Result<void> DemoLoader::show_one(const Principal& by, OrganizationId organization, Role role,
                                  const std::string& name) {
    if (!shown_.contains(role)) {
        const auto issued = TRY(issue(by, organization, role));
        if (role == Role::facility_staff) {
            TRY(report(reporters_++, issued.account));
        }
        shown_[role] = {role, name, issued.account.login_id, issued.initial_password->shown.reveal()};
    }
    return {};
}

// Up to yesterday, each at some minute of its afternoon: today is left to whoever tries it.
Result<void> DemoLoader::report(std::size_t clinic, const accounts::Account& account) {
    auto who = principal_of(account);
    const auto today = reports::date_at(now());
    for (int back = kDemoReportDays; back > 0; --back) {
        const auto date = reports::days_before(today, back);
        const Instant at = reports::begin_of(date) + demo_report_time(clinic, back);
        if (demo_is_silent(clinic, back) || at > now()) {
            continue;
        }
        for (auto& grant : who.grants) {
            grant.from = at;
        }
        const auto demo = demo_report(clinic, date);
        TRY(application_.daily_reports().submit(who,
                                                {.date = date,
                                                 .kind = demo.kind,
                                                 .counts = demo.counts,
                                                 .adjustment = std::nullopt,
                                                 .key = "demo-" + reports::to_text(date)},
                                                reports::ReportChannel::screen, reports::Mode::real, at));
    }
    return clinic == kDemoDraftClinic ? leave_draft(who) : Result<void>();
}

// Typed and not sent: what the health centre's list and its page of completeness are there for.
Result<void> DemoLoader::leave_draft(const Principal& who) {
    auto typed = reports::nothing_typed();
    typed.bands.at(3) = "4";
    const auto entry = TRY(application_.daily_reports().entry(who, std::nullopt, now()));
    TRY(application_.daily_reports().save(who, {entry.opening, entry.draft.version, typed}, now()));
    return {};
}

Result<void> DemoLoader::staff(std::size_t index, const directory::Organization& organization, const Principal& by) {
    switch (organization.kind) {
        case OrganizationKind::prefecture:
            administrators_[index] = TRY(issue_administrator(by, organization.id, Role::prefecture_admin));
            return {};
        case OrganizationKind::health_center: {
            administrators_[index] = TRY(issue_administrator(by, organization.id, Role::health_center_admin));
            return show_one(administrators_[index], organization.id, Role::health_center_staff, organization.name);
        }
        case OrganizationKind::facility:
            if (!shown_.contains(Role::facility_admin)) {
                TRY(issue_administrator(by, organization.id, Role::facility_admin));
                return show_one(by, organization.id, Role::facility_staff, organization.name);
            }
            if (reporters_ < kDemoReporters) {
                return report(reporters_++, TRY(issue(by, organization.id, Role::facility_staff)).account);
            }
            return {};
        case OrganizationKind::helpdesk:
            return show_one(by, organization.id, Role::helpdesk_operator, organization.name);
        case OrganizationKind::ministry:
        case OrganizationKind::follow_up_center:
            break;
    }
    return {};
}

Result<void> DemoLoader::add(std::size_t index) {
    const auto& demo = organizations_[index];
    const auto parent = static_cast<std::size_t>(demo.parent_index);
    const Principal& by = administrators_.at(parent);
    const auto created = TRY(application_.organizations().create(by,
                                                                 {.kind = *directory::organization_kind(demo.kind),
                                                                  .parent = ids_[parent],
                                                                  .name = demo.name,
                                                                  .kana = demo.kana,
                                                                  .institution_code = demo.institution_code,
                                                                  .local_government_code = demo.local_government_code,
                                                                  .phone = demo.phone,
                                                                  .postal_code = demo.postal_code,
                                                                  .address = demo.address},
                                                                 directory::Mode::real, now()));
    ids_[index] = created.organization.id;
    return staff(index, created.organization, by);
}

Result<void> DemoLoader::build() {
    for (std::size_t index = 1; index < organizations_.size(); ++index) {
        TRY(add(index));
        if (index % 250 == 0) {
            std::cerr << "  " << index << " / " << organizations_.size() - 1 << " organizations\n";
        }
    }
    return {};
}

void DemoLoader::print() const {
    const char* row = "{:<20}  {:<28}  {:<24}  {}\n";
    std::cout << fmt::format(fmt::runtime(row), "role", "login ID", "initial password", "organization");
    for (const auto& [role, shown] : shown_) {
        std::cout << fmt::format(fmt::runtime(row), directory::to_text(role), shown.login_id, shown.initial_password,
                                 shown.organization);
    }
}

}  // namespace

Result<void> load_demo(const Configuration& configuration) {
    if (configuration.mode == RunMode::production) {
        return failure(ErrorKind::invalid, "configuration", "the demo is for development mode");
    }
    auto application = TRY(Application::make(configuration));
    if (TRY(application->organizations().any())) {
        std::cout << "the database holds organizations already: the demo changes nothing\n";
        return {};
    }
    DemoLoader loader(*application);
    TRY(loader.begin(configuration.ministry_name));
    TRY(loader.build());
    loader.print();
    return {};
}

}  // namespace madoguchi::app
