# A coordinator: samples episodes, owns the meta-parameters, serves HTTP. It never computes, so no libtorch is inside.
#   docker build -f docker/coordinator.Dockerfile -t metamap-coordinator .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/ src/
RUN dotnet publish src/Cli/Cli.csproj -c Release --os linux --no-self-contained -p:TorchBackend=none -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /app /app
COPY docker/metamap /usr/local/bin/metamap
# Runs are kept here; a new named volume takes over the owner.
RUN mkdir /runs && chown "$APP_UID:$APP_UID" /runs
VOLUME /runs
# 4053: the cluster. 8080: HTTP.
EXPOSE 4053 8080
USER $APP_UID
WORKDIR /tmp
# As ./metamap sets it: the garbage collector stops the lanes less often.
ENV DOTNET_GCgen0size=0x2000000
ENTRYPOINT ["metamap"]
CMD ["coordinator", "--runs", "/runs"]
