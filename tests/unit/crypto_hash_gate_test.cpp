#include "crypto/hash_gate.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>
#include <memory>

namespace madoguchi::crypto {
namespace {

using namespace std::chrono_literals;

// A salt that comes only when the test says so: a hash that stays in the gate as long as wanted.
class HeldEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_; });
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
    }
    void set_open(bool open) {
        const std::lock_guard lock(mutex_);
        open_ = open;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
};

class HashGateTest : public testing::Test {
protected:
    void make_gate(HashGateOptions options) {
        gate_ = std::make_unique<HashGate>(hasher_, options, [this](const HashGateGauges& gauges) {
            most_running_ = std::max(most_running_.load(), gauges.running);
            most_waiting_ = std::max(most_waiting_.load(), gauges.waiting);
        });
    }
    void hold() { entropy_.set_open(false); }
    void let_go() { entropy_.set_open(true); }
    // Starts a hash that the held entropy keeps in the gate.
    void start_one() {
        threads_.emplace_back([this] {
            const auto result = gate_->hash(password_);
            (result ? done_ : refused_) += 1;
        });
    }
    template <class Condition>
    bool comes_true(Condition condition) {
        for (const auto deadline = std::chrono::steady_clock::now() + 20s;
             std::chrono::steady_clock::now() < deadline;) {
            if (condition()) {
                return true;
            }
            std::this_thread::yield();
        }
        return false;
    }
    bool gauges_become(std::size_t waiting, std::size_t running) {
        return comes_true([&] { return gate_->gauges().waiting == waiting && gate_->gauges().running == running; });
    }
    void TearDown() override {
        let_go();
        for (auto& thread : threads_) {
            thread.join();
        }
    }

    HeldEntropy entropy_;
    const SecretText password_{"correct horse battery"};
    PasswordHasher hasher_{SecretText("pepper"), entropy_, {.memory_kib = 64, .passes = 1}};
    std::atomic<std::size_t> most_running_ = 0;
    std::atomic<std::size_t> most_waiting_ = 0;
    std::atomic<int> done_ = 0;
    std::atomic<int> refused_ = 0;
    std::unique_ptr<HashGate> gate_;
    std::vector<std::thread> threads_;
};

TEST_F(HashGateTest, HashesAndVerifies) {
    make_gate({.threads = 2});
    const auto phc = gate_->hash(password_).value();
    EXPECT_TRUE(gate_->verify(phc, password_).value());
    EXPECT_FALSE(gate_->verify(phc, SecretText("wrong")).value());
    EXPECT_FALSE(gate_->verify("not a phc", password_));
    EXPECT_TRUE(gate_->spend(password_));
}

TEST_F(HashGateTest, AFullQueueIsBusyAtOnceAndSaysWhenToComeBack) {
    make_gate({.threads = 1, .waiting = 2});
    hold();
    start_one();
    ASSERT_TRUE(gauges_become(0, 1));
    start_one();
    start_one();
    ASSERT_TRUE(gauges_become(2, 1));
    const auto refused = gate_->hash(password_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(refused.error().message_id, "busy");
    EXPECT_EQ(refused.error().retry_after, limits::kHashRetryAfter);
    let_go();
    EXPECT_TRUE(comes_true([&] { return done_ == 3; }));
    EXPECT_TRUE(gauges_become(0, 0));
    EXPECT_TRUE(gate_->hash(password_)) << "and it goes on";
}

TEST_F(HashGateTest, NoTurnInTimeIsBusyAndLeavesTheQueue) {
    make_gate({.threads = 1, .waiting = 8, .wait = 100ms});
    hold();
    // On a loaded machine the first one may itself miss its turn: until one is inside.
    ASSERT_TRUE(comes_true([&] {
        if (gate_->gauges().waiting + gate_->gauges().running == 0) {
            start_one();
        }
        return gate_->gauges().running == 1;
    }));
    const auto late = gate_->verify(hasher_.decoy(), password_);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().message_id, "busy");
    EXPECT_TRUE(gauges_become(0, 1));
    let_go();
    EXPECT_TRUE(comes_true([&] { return done_ == 1; })) << "who was running when the time was up still gets an answer";
}

TEST_F(HashGateTest, NeverRunsMoreThanItsThreads) {
    make_gate({.threads = 2, .waiting = 64});
    for (int i = 0; i < 40; ++i) {
        start_one();
    }
    EXPECT_TRUE(comes_true([&] { return done_ == 40; }));
    EXPECT_EQ(refused_, 0);
    EXPECT_LE(most_running_, 2U);
    EXPECT_GE(most_running_, 1U);
    EXPECT_LE(most_waiting_, 64U);
}

TEST_F(HashGateTest, StoppingAnswersEverybody) {
    make_gate({.threads = 1, .waiting = 8});
    hold();
    start_one();
    ASSERT_TRUE(gauges_become(0, 1));
    start_one();
    start_one();
    ASSERT_TRUE(gauges_become(2, 1));
    std::thread stopper([&] { gate_.reset(); });
    EXPECT_TRUE(comes_true([&] { return refused_ == 2; }));
    let_go();
    stopper.join();
    EXPECT_TRUE(comes_true([&] { return done_ == 1; }));
}

TEST_F(HashGateTest, WorksAgainAfterItsMemoryWasGivenBack) {
    make_gate({.threads = 1, .idle = 0ms});
    const auto phc = gate_->hash(password_).value();
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(gate_->verify(phc, password_).value());
    }
}

}  // namespace
}  // namespace madoguchi::crypto
