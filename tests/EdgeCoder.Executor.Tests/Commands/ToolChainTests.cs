using EdgeCoder.Executor.Commands;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>The machine's tool chains run in the sandbox without the network.</summary>
[Collection(CommandCollection.Name)]
public sealed class ToolChainTests(CommandFixture fixture)
{
    private readonly Worktree worktree = new(fixture);

    [Fact]
    public async Task Git_runs_without_tool_chains()
    {
        var outcome = await worktree.RunAsync(worktree.Script("git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first && git log --format=%s && git status --short"));
        Assert.Equal(("first\n", ""), (outcome.Stdout.ToString(), outcome.Stderr.ToString().Trim()));
    }

    [Fact]
    public async Task Python_runs_processes_threads_and_pools()
    {
        worktree.Write("pool.py", """
            import multiprocessing, concurrent.futures, subprocess, tempfile, sqlite3, asyncio, sys
            def twice(x): return 2 * x
            if __name__ == "__main__":
                with multiprocessing.Pool(2) as pool: print(pool.map(twice, [1, 2]))
                with concurrent.futures.ProcessPoolExecutor(2) as pool: print(list(pool.map(twice, [3])))
                queue = multiprocessing.Queue(); queue.put("queued"); print(queue.get())
                print(subprocess.check_output([sys.executable, "-c", "print('child')"]).decode().strip())
                print(sqlite3.connect(tempfile.mktemp()).execute("select 7").fetchone()[0])
                async def run():
                    process = await asyncio.create_subprocess_exec("echo", "async", stdout=-1)
                    return (await process.communicate())[0].decode().strip()
                print(asyncio.run(run()))
            """);
        var outcome = await worktree.RunAsync(worktree.Command("python3", "pool.py"));
        Assert.Equal("[2, 4]\n[6]\nqueued\nchild\n7\nasync\n", outcome.Stdout.ToString() + outcome.Stderr);
    }

    [Fact]
    public async Task Node_and_npm_run()
    {
        worktree.Write("package.json", """{"name": "sample", "version": "1.0.0", "scripts": {"test": "node main.js"}}""");
        worktree.Write("main.js", """
            const { Worker } = require('worker_threads'), child = require('child_process'), http = require('http');
            console.log(child.execFileSync(process.execPath, ['-p', '1 + 1']).toString().trim());
            new Worker('require("worker_threads").parentPort.postMessage("worker")', { eval: true }).on('message', (text) => {
              console.log(text);
              const server = http.createServer((_, answer) => answer.end('served')).listen(0, '127.0.0.1', () =>
                http.get({ port: server.address().port, host: '127.0.0.1' }, (answer) => answer.on('data', (data) => { console.log(String(data)); server.close(); })));
            });
            """);
        var outcome = await worktree.RunAsync(worktree.Command("npm", "test", "--silent"));
        Assert.Equal("2\nworker\nserved\n", outcome.Stdout.ToString() + outcome.Stderr);
    }

    [Fact]
    public async Task Dotnet_restores_builds_and_runs_from_what_is_there()
    {
        worktree.Write("sample.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><UseAppHost>false</UseAppHost></PropertyGroup>
            </Project>
            """);
        worktree.Write("Program.cs", "System.Console.WriteLine(\"built \" + System.Environment.ProcessorCount.ToString().Length);");
        var outcome = await worktree.RunAsync(worktree.Command("dotnet", "run", "--project", "sample.csproj") with { Limits = new CommandLimits { Time = TimeSpan.FromMinutes(2) } });
        Assert.Equal("built 1\n", outcome.Stdout.ToString() + outcome.Stderr);
    }

    [Fact]
    public async Task Make_and_a_compiler_run()
    {
        worktree.Write("Makefile", "main: main.c\n\tcc -o $@ $<\n");
        worktree.Write("main.c", "#include <stdio.h>\nint main(void) { puts(\"compiled\"); return 0; }\n");
        var outcome = await worktree.RunAsync(worktree.Script("make -s && ./main") with { ToolChains = true });
        Assert.Equal("compiled\n", outcome.Stdout.ToString() + outcome.Stderr);
    }
}
