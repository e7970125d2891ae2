using System.Globalization;
using EdgeCoder.Executor.Probe;
using EdgeCoder.Executor.Verification;

// Whoever starts a host kills it.
switch (args)
{
    // The data directory and the language: a program that never ends, as users have it.
    case [var data, "python" or "javascript"]:
        await EndlessRun.AsUsersHaveItAsync(data, args[1]);
        break;

    // The launcher's mode: the same by the launcher, after one that ends.
    case ["host", var mode]:
        await (mode == EndlessRun.Careless ? EndlessRun.CarelesslyAsync()
            : mode == EndlessRun.Command ? EndlessRun.ByCommandAsync()
            : mode.StartsWith(EndlessRun.Warm, StringComparison.Ordinal) ? EndlessRun.WarmAsync(mode[EndlessRun.Warm.Length..])
            : EndlessRun.ByLauncherAsync(mode));
        break;

    // The launcher's mode: whether it contains a program on this machine.
    case ["self-test", var mode]:
        Console.WriteLine((await SelfTest.RunAsync(await EndlessRun.LauncherAsync(mode), CancellationToken.None)).Refusal?.Message ?? "every attempt was contained");
        break;

    // The launcher's mode, how many, the seed and the limit in seconds: hosts and launchers that are killed at random moments.
    case ["storm", var mode, var rounds, var seed, var limit]:
        return KillStorm.Run(mode, int.Parse(rounds, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(limit, CultureInfo.InvariantCulture)));
}

return 0;
