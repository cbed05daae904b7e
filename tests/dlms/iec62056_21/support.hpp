/// A device, and a line at true speed between both ends: every character takes its ten bits, a port whose speed or
/// format is not the sender's hears noise, and faults come from a seed.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "dlms/iec62056_21/client.hpp"
#include "dlms/iec62056_21/server.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms::iec62056_21::testing {

inline std::string text(ByteView octets) { return {octets.begin(), octets.end()}; }

struct TestDevice final : ServerDevice {
    std::vector<std::string> lines{"0.0.0(12345678)", "1.8.0(000123.456*kWh)", "1.8.1(000100.000*kWh)"};
    std::map<std::string, std::vector<std::string>> values{
        {"1.8.0()", {"1.8.0(000123.456*kWh)"}},
        {"P.01()", {"P.01(2101010000)(1*kW)", "(2*kW)(3*kW)", "(4*kW)"}},
    };
    std::vector<std::string> written{};
    int executed{0};
    int password_checks{0};

    Piece readout(std::size_t piece, ByteWriter& out) override {
        if (piece < lines.size()) out.put(text_of(lines[piece]));
        return {piece + 1 < lines.size(), DeviceError::none};
    }
    void challenge(ByteWriter& out) override { out.put(text_of("1234567")); }
    std::uint8_t password(const Command& command) override {
        ++password_checks;
        return text(command.operand) == "(00000000)" ? 3 : 0;
    }
    Piece read(std::uint8_t, const Command& command, std::size_t piece, ByteWriter& out) override {
        const auto found = values.find(text(command.operand));
        if (found == values.end()) return {false, DeviceError::unknown_address};
        out.put(text_of(found->second.at(piece)));
        return {piece + 1 < found->second.size(), DeviceError::none};
    }
    DeviceError write(std::uint8_t, const Command& command) override {
        if (text(command.operand).starts_with("9.9")) return DeviceError::read_only;
        written.push_back(text(command.operand) + (command.partial ? "+" : ""));
        return DeviceError::none;
    }
    DeviceError execute(std::uint8_t, const Command&) override {
        ++executed;
        return DeviceError::none;
    }
};

struct Faults {
    double loss{0};
    double corruption{0};
    bool echo{false};
    unsigned seed{1};
};

/// Both ends and the line between them.
class Bench {
public:
    explicit Bench(const ServerConfig& server_config = defaults(), const ClientConfig& client_config = {},
                   const Faults& faults = {})
        : faults_(faults),
          random_(faults.seed),
          server(server_config, device, server_in_, server_out_),
          client(client_config, client_in_, client_out_) {}

    static ServerConfig defaults() {
        ServerConfig config;
        config.address = text_of("00012345");
        config.identification = {{'F', 'E', 'R'}, '5', true, text_of("FERRARIS1")};
        return config;
    }

    /// Runs until `event` has come to the client, or a minute has passed.
    bool until(ClientEventKind kind, std::int64_t limit_ms = 60'000) {
        const std::int64_t end_us = now_us_ + limit_ms * 1000;
        seen_.clear();
        while (now_us_ < end_us) {
            step(end_us);
            for (const ClientEventKind seen : seen_) {
                if (seen == kind) return true;
                if (seen == ClientEventKind::failed) return false;
            }
        }
        return false;
    }
    void pass(std::int64_t duration_ms) {
        const std::int64_t end_us = now_us_ + duration_ms * 1000;
        while (now_us_ < end_us) step(end_us);
    }
    bool exchange(char type, char digit, const std::string& operand, ClientEventKind expected, bool partial = false) {
        const Command command{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(digit), text_of(operand),
                              partial};
        return client.send(command, now_ms()) && until(expected);
    }
    bool program() {
        client.start(Purpose::programming, now_ms());
        return until(ClientEventKind::programming) && exchange('P', '1', "(00000000)", ClientEventKind::acknowledged);
    }
    [[nodiscard]] std::int64_t now_ms() const { return now_us_ / 1000; }
    [[nodiscard]] bool server_saw(ServerEventKind kind) const {
        return std::ranges::find(server_events, kind) != server_events.end();
    }

    TestDevice device{};
    std::vector<std::string> data_sets{};    ///< of the last whole answer
    std::vector<std::string> good_blocks{};  ///< of the answer under way
    std::vector<std::string> block{};        ///< of the block under way
    std::string to_server{};                 ///< hexadecimal, as sent
    std::string to_client{};
    std::string last_text{};
    ClientFailure failure{ClientFailure::none};
    DeviceError refused{DeviceError::none};
    int losses_left{1};  ///< two lost characters that are equal cancel out in the block check: nothing can see that
    std::vector<ServerEventKind> server_events{};

private:
    struct Flight {
        std::int64_t at_us;
        std::uint8_t octet;
        LineFormat format;
        bool to_server;
    };
    struct Port {
        LineFormat format{};
        std::int64_t free_us{0};
    };

    template <class Machine>
    void transmit(Port& port, Machine& machine, bool to_server_side) {
        if (now_us_ < port.free_us) return;
        port.format = machine.line();
        std::array<std::uint8_t, 1> room{};
        ByteWriter out(room);
        (void)machine.pull(out, now_ms());
        if (out.size() == 0) return;
        (to_server_side ? to_server : to_client) += to_hex(out.written());
        port.free_us = now_us_ + 10'000'000 / port.format.baud;
        flights_.push_back({port.free_us, room[0], port.format, to_server_side});
        if (to_server_side && faults_.echo) flights_.push_back({port.free_us, room[0], port.format, false});
    }

    void deliver(Flight flight) {
        if (losses_left > 0 && chance(faults_.loss)) {
            --losses_left;
            return;
        }
        if (chance(faults_.corruption)) flight.octet = static_cast<std::uint8_t>(flight.octet ^ 1U << random_() % 7);
        const LineFormat& format = flight.to_server ? server_port_.format : client_port_.format;
        if (format != flight.format) flight.octet = static_cast<std::uint8_t>(random_());
        ByteView in(&flight.octet, 1);
        while (!in.empty()) flight.to_server ? note(server.receive(in, now_ms())) : note(client.receive(in, now_ms()));
    }
    bool chance(double probability) {
        return probability > 0 && std::uniform_real_distribution<>(0, 1)(random_) < probability;
    }

    void step(std::int64_t end_us) {
        transmit(client_port_, client, true);
        transmit(server_port_, server, false);
        note(client.poll(now_ms()));
        note(server.poll(now_ms()));
        std::int64_t next_us = end_us;
        for (const Flight& flight : flights_) next_us = std::min(next_us, flight.at_us);
        for (const Port* port : {&client_port_, &server_port_}) {
            if (port->free_us > now_us_) next_us = std::min(next_us, port->free_us);
        }
        for (const auto& due : {client.next_timeout(), server.next_timeout()}) {
            if (due) next_us = std::min(next_us, std::max(*due * 1000, now_us_ + 100));
        }
        now_us_ = std::max(next_us, now_us_ + 1);
        // In the order of arrival: the vector holds at most one flight a direction and an echo.
        for (std::size_t i = 0; i < flights_.size();) {
            if (flights_[i].at_us > now_us_) {
                ++i;
                continue;
            }
            const Flight flight = flights_[i];
            flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(i));
            deliver(flight);
        }
    }

    void note(const ClientEvent& event) {
        if (event.kind == ClientEventKind::none) return;
        seen_.push_back(event.kind);
        switch (event.kind) {
            case ClientEventKind::data_set:
                block.push_back(text(event.data_set.address) + "=" + text(event.data_set.value) +
                                (event.data_set.unit.empty() ? "" : " " + text(event.data_set.unit)));
                break;
            case ClientEventKind::discard:
                block.clear();
                break;
            case ClientEventKind::block:
                good_blocks.insert(good_blocks.end(), block.begin(), block.end());
                block.clear();
                break;
            case ClientEventKind::readout_complete:
            case ClientEventKind::answered:
                data_sets = good_blocks;
                data_sets.insert(data_sets.end(), block.begin(), block.end());
                good_blocks.clear();
                block.clear();
                break;
            case ClientEventKind::failed:
                failure = event.failure;
                good_blocks.clear();
                block.clear();
                break;
            default:
                last_text = text(event.text);
        }
    }
    void note(const ServerEvent& event) {
        if (event.kind == ServerEventKind::none) return;
        server_events.push_back(event.kind);
        if (event.kind == ServerEventKind::command_refused) refused = event.error;
    }

    Faults faults_;
    std::mt19937 random_;
    std::array<std::uint8_t, 64> server_in_{};
    std::array<std::uint8_t, 64> server_out_{};
    std::array<std::uint8_t, 64> client_in_{};
    std::array<std::uint8_t, 64> client_out_{};
    std::int64_t now_us_{0};
    Port server_port_{};
    Port client_port_{};
    std::vector<Flight> flights_{};
    std::vector<ClientEventKind> seen_{};

public:
    Server server;
    Client client;
};

}  // namespace ferraris::dlms::iec62056_21::testing
