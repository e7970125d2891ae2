using EdgeCoder.Executor.Probe;

// Whoever starts a host kills it.
switch (args)
{
    // The data directory and the language: a program that never ends, as users have it.
    case [var data, "python" or "javascript"]:
        await EndlessRun.AsUsersHaveItAsync(data, args[1]);
        break;

    // The launcher's mode: the same by the launcher, after one that ends.
    case ["host", var mode]:
        await EndlessRun.ByLauncherAsync(mode);
        break;

    // The launcher's mode, how many, and the seed: hosts and launchers that are killed at random moments.
    case ["storm", var mode, var rounds, var seed]:
        return KillStorm.Run(mode, int.Parse(rounds), int.Parse(seed));
}

return 0;
