#include "directory/organization_list_service.hpp"

#include <algorithm>

#include "base/japanese_text.hpp"
#include "directory/organization_service.hpp"

namespace madoguchi::directory {

Result<OrganizationListService::Page> OrganizationListService::list(const Principal& principal,
                                                                    const OrganizationQuestion& asked, Instant now) {
    const Principal viewer = browsing(principal);
    OrganizationQuestion question = asked;
    question.limit = asked.limit + 1;
    Page page;
    for (const Actor& actor : TRY(acting(viewer, Permission::read_directory, now))) {
        auto rows = TRY(database_.transact(actor, [&](db::Transaction& tx) {
            return search_key(question.word).empty() ? store_.list(tx, question) : store_.search(tx, question);
        }));
        std::ranges::copy_if(rows, std::back_inserter(page.rows), [&](const ListedOrganization& row) {
            return may(viewer, Permission::read_directory, ref(row.organization), now);
        });
    }
    std::ranges::sort(page.rows, {},
                      [](const ListedOrganization& row) { return std::pair(row.sort_key, row.organization.id); });
    if (page.rows.size() > static_cast<std::size_t>(asked.limit)) {
        page.rows.resize(static_cast<std::size_t>(asked.limit));
        page.more = true;
    }
    return page;
}

Result<std::vector<OrganizationRef>> OrganizationListService::above(const Principal& principal,
                                                                    const Organization& organization, Instant now) {
    for (const Actor& actor : TRY(acting(browsing(principal), Permission::read_directory, now))) {
        if (actor.jurisdiction.contains(organization.path)) {
            return database_.transact(actor, [&](db::Transaction& tx) { return store_.above(tx, organization.path); });
        }
    }
    return std::vector<OrganizationRef>();
}

std::vector<OrganizationId> OrganizationListService::tops(const Principal& principal, Instant now) const {
    std::vector<OrganizationId> out;
    if (const auto actors = acting(browsing(principal), Permission::read_directory, now)) {
        std::ranges::transform(*actors, std::back_inserter(out), &Actor::organization);
    }
    return out;
}

Result<std::vector<ListedOrganization>> OrganizationListService::alike(const Principal& principal,
                                                                       OrganizationId except, const std::string& name,
                                                                       const std::string& phone, Instant now) {
    std::vector<ListedOrganization> out;
    for (const Actor& actor : TRY(acting(principal, Permission::create_organization, now))) {
        auto rows =
            TRY(database_.transact(actor, [&](db::Transaction& tx) { return store_.alike(tx, except, name, phone); }));
        std::ranges::move(rows, std::back_inserter(out));
    }
    return out;
}

}  // namespace madoguchi::directory
