// Each line with a mark must be reported by the check that it names.
#include <memory>
#include <string>
#include <utility>
#include <vector>

struct Base {
    virtual ~Base() = default;
    virtual int value() const { return 0; }
};
struct Derived : Base {
    virtual int value() const { return 1; }  // expect: modernize-use-override
};

std::string moved(std::string text) {
    std::string other = std::move(text);
    return text + other;  // expect: bugprone-use-after-move
}

int copied(std::vector<std::string> names) {  // expect: performance-unnecessary-value-param
    int total = 0;
    for (const auto name : names) {  // expect: performance-for-range-copy
        total += static_cast<int>(name.size());
    }
    return total;
}

bool empty(const std::string& text) { return text.size() == 0; }  // expect: readability-container-size-empty

// The line of readability-function-size is the one with the name.
int long_one(int x) {  // expect: readability-function-size
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    x += 1;
    return x;
}
