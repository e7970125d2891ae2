using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>
/// What a network would see of this program (agent-executor-models 10, M9 and S5): real processes in a network of their own, where every packet for another
/// machine is recorded, with each variable set that names another machine.
/// </summary>
public sealed class PacketTests(PacketTests.Recording recording) : IClassFixture<PacketTests.Recording>
{
    private const string Request = "write a function that merges two dictionaries";

    [Theory]
    [InlineData("start of all-in-one")]
    [InlineData("start of ide-provider")]
    [InlineData("a run")]
    [InlineData("lists")]
    [InlineData("status")]
    [InlineData("local, answered")]
    [InlineData("local, no model")]
    [InlineData("local, its server is down")]
    [InlineData("auto without a class")]
    [InlineData("swarm without a class")]
    [InlineData("swarm with a key and the class local")]
    public void Nothing_for_another_machine_is_sent_by(string phase) => Assert.Equal([], recording.Packets(phase));

    [Fact]
    public void Local_work_fails_here_rather_than_going_elsewhere()
    {
        recording.Gave(503, "local, no model");
        recording.Gave(404, "local, its server is down");
        recording.Gave(503, "auto without a class");
        recording.Gave(403, "swarm without a class");
        recording.Gave(403, "swarm with a key and the class local");
    }

    [Fact]
    public void What_needs_no_other_machine_works_in_that_network()
    {
        recording.Gave(0, "a run");
        recording.Gave(200, "lists");
        recording.Gave(200, "status");
        recording.Gave(200, "local, answered");
    }

    [Fact]
    public void A_packet_and_a_name_of_another_machine_are_seen()
    {
        Assert.Equal(["198.51.100.7:443"], recording.Packets("a planted packet"));
        Assert.Contains("198.51.100.53:53", recording.Packets("a planted name"));
    }

    [Fact]
    public void Work_that_a_key_lets_leave_is_seen_to_leave()
    {
        // The recorder sees the same endpoint, client and call; only the class differs.
        Assert.Contains("198.51.100.7:443", recording.Packets("swarm with a key and the class team"));
        recording.Gave(503, "swarm with a key and the class team");

        // What it began may still be under way, and is nothing else.
        Assert.All(recording.Packets("end"), packet => Assert.Equal("198.51.100.7:443", packet));
    }

    /// <summary>One recording for all tests.</summary>
    public sealed class Recording : IAsyncLifetime
    {
        private readonly EdgeCoderRun _run = new();
        private JsonNode? _found;

        public async ValueTask InitializeAsync()
        {
            // Any five: nobody else is in that network.
            var (coordinator, inference, first, endpoint, nobody) = (4301, 4302, 4303, 4304, 4305);
            _run.Write(".config/edgecoder/models.json", $$$"""{"servers":[{"name":"down","address":"http://127.0.0.1:{{{nobody}}}","reach":"this-machine","contextWindow":8192}]}""");
            const string token = "0123456789abcdef0123456789abcdef0123456789";
            var elsewhere = new JsonObject
            {
                ["COORDINATOR_PORT"] = $"{coordinator}",
                ["INFERENCE_PORT"] = $"{inference}",
                ["IDE_PROVIDER_PORT"] = $"{first}",
                ["INFERENCE_AUTH_TOKEN"] = token,
                ["PARENT_COORDINATOR_URL"] = "https://198.51.100.8",
                ["CLOUD_INFERENCE_URL"] = "https://cloud.example",
                ["CLOUD_INFERENCE_TOKEN"] = token,
                ["HTTP_PROXY"] = "http://198.51.100.9:3128",
                ["HTTPS_PROXY"] = "http://198.51.100.9:3128",
                ["ALL_PROXY"] = "http://198.51.100.9:3128",
            };
            // Its coordinator is elsewhere; its models are those of the first.
            var apart = elsewhere.DeepClone().AsObject();
            apart["IDE_PROVIDER_PORT"] = $"{endpoint}";
            apart["EDGECODER_DATA_DIR"] = Path.Combine(_run.Directory, "apart");
            apart["COORDINATOR_URL"] = "https://198.51.100.7";
            apart["EDGECODER_API_KEY"] = token;
            apart["AGENT_ACCOUNT_ID"] = "acct-elsewhere";
            var alone = apart.DeepClone().AsObject();
            alone["HOME"] = Path.Combine(_run.Directory, "alone");
            _run.Environment["EDGECODER_DATA_DIR"] = (string)apart["EDGECODER_DATA_DIR"]!;
            var made = await _run.ToEndAsync("keys", "create", "away", "--class", "team");
            _run.Environment["EDGECODER_DATA_DIR"] = _run.DataDirectory;
            var keyFile = _run.Write("away.key", made.Output);
            var origin = $"http://127.0.0.1:{endpoint}";
            var plan = new JsonObject
            {
                ["program"] = Repository.Executable,
                ["directory"] = _run.Directory,
                ["environment"] = new JsonObject(_run.Environment.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
                ["processes"] = new JsonArray(Up("all-in-one", elsewhere), Up("ide-provider", apart)),
                ["runs"] = new JsonArray(new JsonObject { ["name"] = "a run", ["arguments"] = new JsonArray("run", "--lang", "python", Request), ["environment"] = alone }),
                ["calls"] = new JsonArray(
                    new JsonObject { ["name"] = "lists", ["url"] = origin + "/v1/models" },
                    new JsonObject { ["name"] = "status", ["url"] = origin + "/v1/router/status" },
                    Chat("local, answered", "edgecoder-demo"),
                    Chat("local, no model", "edgecoder-local"),
                    Chat("local, its server is down", "down"),
                    Chat("auto without a class", "edgecoder-auto"),
                    Chat("swarm without a class", "edgecoder-swarm"),
                    Chat("swarm with a key and the class local", "edgecoder-swarm", "local"),
                    Chat("swarm with a key and the class team", "edgecoder-swarm", "team")),
            };
            var result = await ProgramRun.ToEndAsync(
                "unshare",
                [.. Environment.IsPrivilegedProcess ? (string[])[] : ["--user", "--map-current-user", "--keep-caps"], "--net", "--mount", "python3", "-I", Path.Combine(AppContext.BaseDirectory, "Endpoint", "wire.py"), _run.Write("plan.json", plan.ToJsonString())],
                new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin", ["TMPDIR"] = _run.Directory });
            Assert.True(result.ExitCode == 0, result.ToString());
            _found = JsonNode.Parse(result.Output);

            JsonObject Up(string role, JsonObject environment) => new() { ["name"] = role, ["arguments"] = new JsonArray("up", "--role", role, "--json"), ["environment"] = environment.DeepClone(), ["until"] = "ready" };

            JsonObject Chat(string name, string model, string? dataClass = null)
            {
                var call = new JsonObject
                {
                    ["name"] = name,
                    ["url"] = origin + "/v1/chat/completions",
                    ["body"] = new JsonObject { ["model"] = model, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Request }) },
                };
                if (dataClass is not null)
                {
                    call["keyFile"] = keyFile;
                    call["headers"] = new JsonObject { ["X-EdgeCoder-Data-Class"] = dataClass };
                }

                return call;
            }
        }

        /// <summary>Addresses and ports of the packets for other machines in a phase.</summary>
        public IReadOnlyList<string> Packets(string phase) => [.. _found!["packets"]![phase]?.AsArray().Select(packet => (string)packet!) ?? []];

        /// <summary>Fails, with what it said, where a call or run ended otherwise.</summary>
        public void Gave(int status, string name)
        {
            var answer = _found!["answers"]![name]!;
            Assert.True((int)answer["status"]! == status, $"{name}: {answer}");
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync()
        {
            _run.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
