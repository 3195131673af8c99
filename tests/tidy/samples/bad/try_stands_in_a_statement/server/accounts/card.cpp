#include "accounts/card.hpp"

namespace madoguchi::accounts {

Result<Card> read_card(const Row& row) {
    const auto number = TRY(number_of(row));
    return Card{.number = number,
                .holder = TRY(holder_of(row)),
                .lines = std::vector{first(row), TRY(second(row))}};
}

Result<Card> found(const Rows& rows) {
    return with(rows, [](const Row& row) -> Result<Card> {
        if (row.empty()) {
            return Card{};
        }
        return TRY(read_card(row));
    });
}

}  // namespace madoguchi::accounts
