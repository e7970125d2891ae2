using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Providers;

/// <summary>Settings that point at scripted servers.</summary>
internal static class TestServers
{
    public static OllamaSettings Settings(this ScriptedOllama server, int? window = null) =>
        new() { Address = Address(server.Address), ContextWindow = window, IsConfigured = true };

    public static OpenAIServerSettings Settings(this ScriptedOpenAI server, string name = "test", int? window = null) =>
        new() { Name = name, Address = Address(server.BaseAddress), Reach = ModelReach.ThisMachine, ContextWindow = window };

    private static ServerAddress Address(Uri uri)
    {
        Assert.True(ServerAddress.TryParse(uri.ToString(), null, out var address, out _));
        return address;
    }
}
