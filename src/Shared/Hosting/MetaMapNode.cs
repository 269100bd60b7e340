using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using MetaMap.Shared.Membership;
using LogLevel = Akka.Event.LogLevel;

namespace MetaMap.Shared.Hosting;

/// <summary>Turns an actor system into a MetaMap node: remoting, cluster, serializers, threads, logging.</summary>
public static class MetaMapNode
{
    /// <summary>
    /// Sets the node up. Register the region of runs with <see cref="RunRegion.Host"/> or <see cref="RunRegion.Reach"/>.
    /// </summary>
    /// <param name="builder">Of an actor system named <see cref="NodeSettings.SystemName"/>.</param>
    /// <param name="settings">The node.</param>
    /// <exception cref="Core.ConfigurationException">The settings cannot work.</exception>
    public static AkkaConfigurationBuilder AddMetaMapNode(this AkkaConfigurationBuilder builder, NodeSettings settings)
    {
        settings.Validate();
        builder
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = LogLevel.InfoLevel;
                loggers.ClearLoggers();
                loggers.AddLogger<NodeLogger>();
            })
            .AddHocon(NodeHocon.Text, HoconAddMode.Prepend)
            .AddHocon(settings.Roles.Contains(NodeSettings.CoordinatorRole) ? NodeHocon.CoordinatorText : NodeHocon.WorkerText, HoconAddMode.Prepend)
            .AddHocon($"akka.coordinated-shutdown.phases.before-service-unbind.timeout = {Milliseconds(settings.GoodbyeTimeout)}", HoconAddMode.Prepend)
            .AddHocon(
                $"akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = {Milliseconds(settings.JoinTimeout)}", HoconAddMode.Prepend)
            .WithRemoting(new RemoteOptions
            {
                HostName = settings.BindHost,
                PublicHostName = settings.PublicHost ?? settings.BindHost,
                Port = settings.Port,
            })
            .WithClustering(new ClusterOptions
            {
                Roles = [.. settings.Roles],
                SeedNodes = [.. settings.SeedAddresses],
            });

        if (settings.Seeds.Count > 1 && settings.Roles.Contains(NodeSettings.CoordinatorRole))
        {
            builder.WithActors((system, _) => system.ActorOf(
                Props.Create(() => new SeedWatch(settings.Seeds, settings.RejoinAttempt > 0)), "seed-watch"));
        }

        return settings.Seeds.Count > 0 ? builder : builder.AddStartup((system, _) =>
        {
            Cluster cluster = Cluster.Get(system);
            cluster.Join(cluster.SelfAddress);
        });
    }

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");
}
