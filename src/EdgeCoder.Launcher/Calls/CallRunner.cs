namespace EdgeCoder.Launcher.Calls;

/// <summary>What the child does: one call after the other, and nothing else. It uses no object, no lock and no memory but its stack.</summary>
internal static unsafe class CallRunner
{
    /// <summary>Bytes that a failed child writes: what the step was for, and the error number.</summary>
    public const int FailureBytes = 8;

    private const int NoSuchFile = 2; // ENOENT
    private const int NoDirectory = 20; // ENOTDIR
    private const int LinkLoop = 40; // ELOOP

    /// <summary>Makes the calls. A child whose step failed ends here; where the last one executes the program, this does not return.</summary>
    /// <param name="step">First step.</param>
    /// <param name="count">How many.</param>
    /// <param name="given">Descriptor to the parent.</param>
    /// <param name="moved">Where the first step moves it: one of both is open.</param>
    /// <param name="write">Number of the call that writes.</param>
    /// <param name="exit">Number of the call that ends a process.</param>
    /// <param name="exitCode">Exit code of a child that failed.</param>
    public static void Run(CallStep* step, int count, long given, long moved, long write, long exit, long exitCode)
    {
        var failure = stackalloc int[2];
        for (var end = step + count; step < end; step++)
        {
            if (step->Number == CallStep.Copy)
            {
                *(int*)step->Arguments[1] = (int)*(long*)step->Arguments[0];
                continue;
            }

            var result = Kernel.Syscall(step->Number, Argument(step, 0), Argument(step, 1), Argument(step, 2), Argument(step, 3), Argument(step, 4), Argument(step, 5));
            if (result < 0 && step->SkipOnMissing > 0 && *Kernel.ErrorLocation() is NoSuchFile or NoDirectory or LinkLoop)
            {
                step += step->SkipOnMissing;
                continue;
            }

            if (result < step->Least)
            {
                failure[0] = step->Purpose;
                failure[1] = result < 0 ? *Kernel.ErrorLocation() : 0;
                if (Kernel.Syscall(write, moved, (long)failure, FailureBytes, 0, 0, 0) < 0)
                {
                    Kernel.Syscall(write, given, (long)failure, FailureBytes, 0, 0, 0);
                }

                Kernel.Syscall(exit, exitCode, 0, 0, 0, 0, 0);
            }

            if (step->Result is not null)
            {
                *step->Result = result;
            }

            if (result >= 0)
            {
                step += step->SkipOnSuccess;
            }
        }
    }

    private static long Argument(CallStep* step, int i) => (step->Indirect & (1 << i)) == 0 ? step->Arguments[i] : *(long*)step->Arguments[i];
}
