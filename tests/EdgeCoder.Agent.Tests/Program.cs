using EdgeCoder.Agent.Tests;
using EdgeCoder.Agent.Tests.Files;
using EdgeCoder.Agent.Tests.Sessions;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

if (CrashChild.RunWhenAsked() is { } crashing)
{
    return await crashing;
}

if (FullDiskTests.RunWhenAsked() is { } fullDisk)
{
    return fullDisk;
}

// As the generated entry point does.
return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
    ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await ConsoleRunner.Run(args);
