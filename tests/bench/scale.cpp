#include "scale.hpp"

#include <array>

#include "browsing.hpp"
#include "figures.hpp"
#include "load.hpp"
#include "subject.hpp"

namespace madoguchi::bench {
namespace {

constexpr Country kSmall{.facilities = 2'000};
constexpr Country kLarge{.facilities = 200'000};
constexpr int kRounds = 5;
constexpr int kReaders = 2;
constexpr int kWarmUp = 20;       // a reader and screen
constexpr int kAsksARound = 120;  // the same

/// One country with a server, and an administrator of the ministry (who may see all of it) and of a health centre.
class Place {
public:
    Place(const std::filesystem::path& program, const Country& country)
        : country_(country), subject_(program, country) {}

    /// Anew when all is written: that takes longer than a session may rest.
    void sign_in() {
        everything_ = subject_.signed_in_as(kMinistryAdmin);
        a_center_ = subject_.signed_in_as(kCenterAdmin);
        token_ = subject_.tokens_of(kMinistryAdmin, 1).front();
        subject_.wait_until_idle();
    }

    /// The API's list, 500 at a time: its first page, and its last.
    std::string first_page(int /*number*/) const { return api_page(""); }
    std::string last_page(int /*number*/) const {
        return api_page(fmt::format("&cursor={}", kFirstAccount + country_.accounts() - 501));
    }

    using Screen = std::string (Place::*)(int) const;

    std::string list(int number) const {
        constexpr std::array<const char*, 4> kLists = {"/accounts", "/accounts?sort=signed_in",
                                                       "/accounts?state=pending", "/accounts?sort=issued"};
        return page(kLists.at(static_cast<std::size_t>(number) % kLists.size()), number);
    }
    std::string search(int number) const {
        switch (number % 4) {
            case 0:
                return page(fmt::format("/accounts?q=f13-{:07}", spread(number, country_.accounts())), number);
            case 1:
                return page("/accounts?q=" + institution_code(spread(number, country_.facilities)), number);
            case 2:
                return page("/accounts?q=%E4%BD%90%E8%97%A4", number);  // 佐藤
            default:
                return page("/accounts?q=%E3%81%BF%E3%81%A9%E3%82%8A", number);  // みどり
        }
    }
    std::string account(int number) const {
        return page(fmt::format("/accounts/{}", kFirstAccount + spread(number, country_.accounts())), 0);
    }

    std::vector<double> ask(Screen screen) {
        const int first = (rounds_++) * 10'000;
        return browse(subject_.interactive(), kReaders, {.asks = kAsksARound, .skipped = kWarmUp},
                      [&](int asked) { return (this->*screen)(first + asked); });
    }

private:
    std::string page(const std::string& target, int number) const {
        // Two of three questions are the ministry's, whose jurisdiction hides nothing.
        return request(
            {.target = target, .extra_headers = subject_.from_place(1) + (number % 3 == 2 ? a_center_ : everything_)});
    }
    std::string api_page(const std::string& from) const {
        return request({.target = "/api/v1/accounts?limit=500" + from,
                        .extra_headers = subject_.from_place(1) + "Authorization: Bearer " + token_ + "\r\n"});
    }
    static std::int64_t spread(int number, std::int64_t of) { return std::int64_t{number} * 7919 % of; }

    Country country_;
    Subject subject_;
    std::string everything_;
    std::string a_center_;
    std::string token_;
    int rounds_ = 0;
};

}  // namespace

void console_at_scale(const std::filesystem::path& program) {
    detail(fmt::format("writing {} accounts, then {} with {} rows of the audit log", kSmall.accounts(),
                       kLarge.accounts(), kLarge.audit_rows()));
    Place small(program, kSmall);
    Place large(program, kLarge);
    small.sign_in();
    large.sign_in();
    constexpr std::array<std::pair<const char*, Place::Screen>, 3> kScreens = {
        {{"account_list", &Place::list}, {"account_search", &Place::search}, {"account_page", &Place::account}}};
    for (const auto& [name, screen] : kScreens) {
        std::vector<double> of_small;
        std::vector<double> of_large;
        for (int round = 0; round < kRounds; ++round) {
            const auto some = small.ask(screen);
            const auto more = large.ask(screen);
            of_small.insert(of_small.end(), some.begin(), some.end());
            of_large.insert(of_large.end(), more.begin(), more.end());
        }
        const double p99_small = percentile(of_small, 0.99);
        const double p99_large = percentile(of_large, 0.99);
        figure(fmt::format("{}_p99_at_a_million", name), p99_large / p99_small, "<= 3");
        detail(fmt::format("p99 {:.2f} ms over {:.2f} ms at ten thousand; median {:.2f} ms over {:.2f} ms", p99_large,
                           p99_small, median(of_large), median(of_small)));
    }
    std::vector<double> first;
    std::vector<double> last;
    for (int round = 0; round < kRounds; ++round) {
        const auto some = large.ask(&Place::first_page);
        const auto more = large.ask(&Place::last_page);
        first.insert(first.end(), some.begin(), some.end());
        last.insert(last.end(), more.begin(), more.end());
    }
    figure("api_list_first_page_over_last", median(first) / median(last), ">= 0.9");
    detail(
        fmt::format("500 accounts of a million: median {:.2f} ms first, {:.2f} ms last", median(first), median(last)));
}

}  // namespace madoguchi::bench
