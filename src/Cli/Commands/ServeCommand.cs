using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Shared.Hosting;
using MetaMap.Training.Checkpoints;
using MetaMap.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap serve</c>: one process that adapts a model file for whoever asks by HTTP.</summary>
internal static class ServeCommand
{
    private static readonly CoordinatorSettings _defaults = new() { Node = null! };

    public static Command Create()
    {
        Command command = new("serve", "Serves a model file by HTTP, without a cluster: clients adapt it to their own examples and let it label others.");
        Option<string> file = new("--file") { HelpName = "FILE", Description = "Model file (model.safetensors).", Required = true };
        Option<string> httpHost = new("--http-host") { HelpName = "HOST", Description = "Address to listen on for HTTP.", DefaultValueFactory = _ => _defaults.HttpHost };
        Option<int?> httpPort = new("--http-port") { HelpName = "PORT", Description = $"Port of the HTTP interface; default: {CoordinatorSettings.DefaultHttpPort}, or the next free one." };
        command.Example("a dashboard at http://127.0.0.1:8080 to try a model", "serve --file m.safetensors");
        command.Add(OptionGroups.Model, file);
        command.Add(OptionGroups.Http, httpHost, httpPort);

        AdaptationLimits sessions = new(command);
        DeviceOptions devices = new(command);
        NodeSecurity security = NodeSecurity.OfCoordinator(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var model = ModelFile.Read(parsed.GetValue(file)!);
            using NodeLife life = new(parent: null, cancellation);
            DirectoryInfo folder = Directory.CreateTempSubdirectory("metamap-serve-");
            try
            {
                CoordinatorSettings coordinator = new()
                {
                    Node = new NodeSettings
                    {
                        Roles = [NodeSettings.CoordinatorRole, NodeSettings.WorkerRole], Tls = security.Tls(parsed), IsInsecure = security.IsInsecure(parsed),
                    },
                    HttpHost = parsed.GetValue(httpHost)!,
                    HttpPort = parsed.GetValue(httpPort),
                    Tokens = security.Tokens(parsed),
                    AdaptationsPerMinute = sessions.AdaptationsPerMinute(parsed),
                    SessionLifetime = sessions.Lifetime(parsed),
                    RunsDirectory = folder.FullName,
                    TakesUpRuns = false,
                    ServesOnly = true,
                };
                coordinator.Validate();
                // Its lanes do not train, so one is enough.
                WorkerSettings worker = new() { Node = coordinator.Node, Threads = 1, Devices = devices.Find(parsed).All };
                await using WebApplication app = NodeHosts.Coordinator(coordinator, worker, new NodeLog(LogLevel.Warning));
                await app.Services.GetRequiredService<ServedModels>().Enter(model).ConfigureAwait(false);
                await app.StartAsync(life.Over).ConfigureAwait(false);
                await Console.Error.WriteLineAsync(
                    $"serving {model.RunId}, iteration {model.Iteration}, at {app.Urls.First()}: POST {app.Urls.First()}/api/runs/{model.RunId}/adapt makes a session of labelled examples").ConfigureAwait(false);
                await app.WaitForShutdownAsync(life.Over).ConfigureAwait(false);
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
