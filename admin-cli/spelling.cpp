#include "admin-cli/spelling.hpp"

#include <algorithm>
#include <numeric>

namespace madoguchi::admin_cli {
namespace {

std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::optional<std::string> closest_spelling(std::string_view word, const std::vector<std::string>& known) {
    constexpr std::size_t kFarthest = 2;
    std::optional<std::string> best;
    std::size_t best_distance = kFarthest + 1;
    if (word.size() > 64) {  // nobody mistypes that much, and the comparison is quadratic
        return best;
    }
    for (const std::string& candidate : known) {
        if (const std::size_t apart = distance(word, candidate); apart < best_distance) {
            best = candidate;
            best_distance = apart;
        }
    }
    return best;
}

}  // namespace madoguchi::admin_cli
