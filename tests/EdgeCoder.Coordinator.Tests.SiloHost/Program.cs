// Arguments: a connection string of PostgreSQL, milliseconds of a probe. Writes its silo's address when it has joined and ends with its standard input.
using System.Globalization;
using EdgeCoder.Coordinator.Tests.SiloHost;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

using var host = SiloHosts.Build(StoreSettings.OnServer(args[0]), new() { Clustered = true, Probe = TimeSpan.FromMilliseconds(int.Parse(args[1], CultureInfo.InvariantCulture)) });
await host.StartAsync();
Console.WriteLine(host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString());
await Console.In.ReadToEndAsync();
await host.StopAsync();
