// Reads the active energy of a meter as client 1, ciphered, with invocation counters in a file. When the meter's
// counter is ahead of the file's, because another program has the same keys or the file is lost, it says so and goes on
// behind it.
// usage: METER_KEY=HEX METER_AUTHENTICATION_KEY=HEX ciphering_client HOST PORT COUNTER_FILE
#include <boost/asio.hpp>
#include <ferraris/base/hex.hpp>
#include <ferraris/crypto/openssl.hpp>
#include <ferraris/dlms/client/recovery.hpp>
#include <ferraris/dlms/wrapper.hpp>
#include <fstream>
#include <iostream>
using namespace ferraris::dlms;
using boost::asio::buffer, boost::asio::ip::tcp, ferraris::ByteSpan, ferraris::Crypto;

class FileCounters final : public InvocationCounters {
public:
    explicit FileCounters(const char* path) : path_(path) { std::ifstream(path_) >> last_; }
    std::optional<std::uint32_t> reserve() override {
        ++last_;
        return std::ofstream(path_) << last_ << std::flush ? std::optional(last_) : std::nullopt;
    }
    std::uint32_t last() const { return last_; }
    void go_on_behind(std::uint32_t taken) { last_ = std::max(last_, taken); }

private:
    const char* path_;
    std::uint32_t last_{0};
};

/// One client's dialogue with the meter, on a connection of its own.
class Dialogue {
public:
    Dialogue(char** host_and_port, std::uint16_t client, const ClientConfiguration& configuration, Crypto& crypto,
             InvocationCounters& counters)
        : client_(client), session(configuration, crypto, counters, request_) {
        connect(meter_, tcp::resolver(network_).resolve(host_and_port[0], host_and_port[1]));
    }
    Progress carry(Progress progress) {
        while (progress.step == Step::send) {
            ferraris::ByteWriter out(octets_);
            if (!write_wrapper({client_, 1, progress.apdu}, out)) return {Step::failed};
            write(meter_, buffer(octets_, out.size()));
            const std::size_t header = read(meter_, buffer(octets_, kWrapperHeaderOctets));
            const std::size_t size = wrapper_apdu_size(ByteSpan(octets_).first(header)).value();
            progress = session.receive(ByteSpan(octets_).first(read(meter_, buffer(octets_, size))));
        }
        return progress;
    }

private:
    boost::asio::io_context network_;
    tcp::socket meter_{network_};
    std::uint16_t client_;
    std::array<std::uint8_t, 1024> request_, octets_;

public:
    ClientSession session;
};

/// What the meter took last from client 1. Everybody may read it.
std::optional<std::uint32_t> counter_of_meter(char** host_and_port, Crypto& crypto) {
    NoInvocationCounters none;
    Dialogue anybody(host_and_port, 16, {}, crypto, none);
    const ferraris::dlms::LogicalName name = obis(0, 0, 43, 1, 1);
    MeterCounterReader reader(anybody.session, {&name, 1});
    for (Progress next = reader.start(); next.step != Step::done;) next = reader.next(anybody.carry(next));
    return reader.counter();
}

int main(int, char** arguments) {
    const auto key = ferraris::from_hex(std::getenv("METER_KEY")).value();
    const auto authentication_key = ferraris::from_hex(std::getenv("METER_AUTHENTICATION_KEY")).value();
    const ClientConfiguration utility{.context = ApplicationContext::logical_names_ciphered,
                                      .mechanism = AuthenticationMechanism::high_gmac,
                                      .system_title = ferraris::octets_of("EXM00001"),
                                      .encryption_key = key,
                                      .authentication_key = authentication_key};
    const auto crypto = ferraris::make_openssl_crypto();
    FileCounters counters(arguments[3]);
    CounterRecovery recovery;
    for (;;) {
        Dialogue dialogue(arguments + 1, 1, utility, *crypto, counters);
        const Progress associated = dialogue.carry(dialogue.session.associate());
        if (associated.step == Step::done) {
            std::array<std::uint8_t, 16> energy;
            SpanSink value(energy);
            const Progress got = dialogue.carry(dialogue.session.get({{3, obis(1, 0, 1, 8, 0), 2}}, value));
            if (got.step != Step::done || got.access_result != DataAccessResult::success) return 1;
            std::cout << DataReader(value.octets()).long64_unsigned() << " Wh\n";
            return 0;
        }
        // Refused: is the meter's counter ahead of ours?
        RecoveryStep step = recovery.association_failed(associated.failure, counters.last());
        if (step == RecoveryStep::read_counter) step = recovery.counter_read(counter_of_meter(arguments + 1, *crypto));
        if (step == RecoveryStep::give_up) return 1;  // something else is wrong: the keys, perhaps
        std::cerr << "the meter's counter is at " << recovery.taken() << " already; going on behind it\n";
        counters.go_on_behind(recovery.taken());
    }
}
