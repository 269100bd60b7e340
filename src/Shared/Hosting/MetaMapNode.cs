using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Security;
using MetaMap.Shared.Serialization;
using LogLevel = Akka.Event.LogLevel;

namespace MetaMap.Shared.Hosting;

/// <summary>Turns an actor system into a MetaMap node: remoting, cluster, serializers, threads, logging.</summary>
public static class MetaMapNode
{
    /// <summary>
    /// Sets the node up. Also register the region of runs, with <see cref="RunRegion.Host"/> or <see cref="RunRegion.Reach"/>.
    /// </summary>
    /// <param name="builder">The builder of an actor system named <see cref="NodeSettings.SystemName"/>.</param>
    /// <param name="settings">The node's settings.</param>
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
            .CloseAkkaSerializers()
            .WithRemoting(new RemoteOptions
            {
                HostName = settings.BindHost,
                PublicHostName = settings.PublicHost ?? settings.BindHost,
                Port = settings.Port,
                PublicPort = settings.PublicPort,
                EnableSsl = settings.Tls is not null,
                Ssl = settings.Tls is { } tls ? MutualTls(tls) : new SslOptions(),
            })
            .WithClustering(new ClusterOptions
            {
                Roles = [.. settings.Roles],
                SeedNodes = [.. settings.SeedAddresses],
            });

        if (settings.Tls is not null)
        {
            builder.AddHocon($"akka.remote.dot-netty.tcp.transport-class = \"{typeof(TlsTransport).FullName}, {typeof(TlsTransport).Assembly.GetName().Name}\"", HoconAddMode.Prepend);
        }

        if (settings.Seeds.Count > 1 && settings.Roles.Contains(NodeSettings.CoordinatorRole))
        {
            builder.WithActors((system, _) => system.ActorOf(
                Props.Create(() => new SeedWatch(settings.Seeds, settings.Tls)), "seed-watch"));
        }

        return settings.Seeds.Count > 0 ? builder : builder.AddStartup((system, _) =>
        {
            Cluster cluster = Cluster.Get(system);
            cluster.Join(cluster.SelfAddress);
        });
    }

    /// <summary>Both sides show a certificate of one of our authorities. Host names are not checked: workers come from any address.</summary>
    private static SslOptions MutualTls(NodeCertificate node) => new()
    {
        X509Certificate = node.Certificate,
        RequireMutualAuthentication = true,
        ValidateCertificateHostname = false,
        SuppressValidation = false,
        CustomValidator = (certificate, _, peer, _, log) =>
        {
            string? problem = node.Problem(certificate, TimeProvider.System.GetUtcNow());
            if (problem is not null)
            {
                log.Warning("{0} is refused: its certificate {1}", peer, problem);
            }

            return problem is null;
        },
    };

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");
}
