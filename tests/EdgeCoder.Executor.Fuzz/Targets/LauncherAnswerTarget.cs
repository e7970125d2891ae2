using System.Text;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>What a launcher tells: never throws, and a process id is one.</summary>
internal sealed class LauncherAnswerTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "answer";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } = ["{\n    \"child-pid\": 4711\n}\n"u8.ToArray(), "{\"child-pid\":5,\"scratch\":\"/tmp/x\"}"u8.ToArray(), "{\"child-pid\":1}"u8.ToArray()];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words { get; } =
        [.. ((string[])["\"child-pid\":", "0", "-1", "99999999999", "1e3", "1.5", "null", "\"1\"", "[", "{\"child-pid\":2}", "\"\\ud800\":1,", "\"\\udc00child-pid\"", "\ufeff", "/**/", "\"scratch\":\"\\udc00\","]).Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc/>
    public override void Check(byte[] input) => Require(LauncherAnswer.Read(input) is null or { FirstPid: > 0 }, "a process id that means something else to kill");
}
