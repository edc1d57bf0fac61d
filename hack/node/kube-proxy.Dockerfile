# kube-proxy beside the iptables and nft it calls: the files of just those Debian
# packages, taken from the node's root file system, where they are installed. There
# /lib and its like are links into /usr, which packages don't know of.
ARG ROOTFS
FROM ${ROOTFS} AS files
LABEL local.lab-operator.stage=files
RUN dpkg-query -L iptables nftables libc6 libmnl0 libnftnl11 libnfnetlink0 \
      libnetfilter-conntrack3 libxtables12 libip4tc2 libip6tc2 libnftables1 \
      libjansson4 libgmp10 libedit2 libbsd0 libmd0 libtinfo6 \
      | grep -v /usr/share/ | sort -u | while read -r path; do \
        { [ -d "$path" ] && [ ! -L "$path" ]; } || echo "$path"; done >/files \
 && mkdir -p /out/usr/bin /out/usr/lib /out/usr/lib64 /out/usr/sbin && cp -a /bin /lib /lib64 /sbin /out/ \
 && tar --create --files-from=/files | tar --extract --keep-directory-symlink --directory=/out \
 && cp -a --parents /etc/alternatives/iptables* /etc/alternatives/ip6tables* /usr/sbin/iptables* /usr/sbin/ip6tables* /out/
FROM scratch
COPY --from=files /out /
COPY kube-proxy /usr/local/bin/kube-proxy
ENTRYPOINT ["/usr/local/bin/kube-proxy"]
