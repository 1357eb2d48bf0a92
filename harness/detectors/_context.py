"""Words that say what a value is, in fourteen languages: names of keys, and cues in running text.

Languages: English, Spanish, Portuguese, French, German, Italian, Dutch, Russian, Chinese, Japanese, Arabic, Hindi,
Turkish and Indonesian. Everything is UTF-8 bytes and reads the same in the engine's syntax and in `re`.
"""

import re

__all__ = [
    "ADDRESS_CUES",
    "ADDRESS_KEYS",
    "BIRTH_CUES",
    "CAPITAL",
    "CASELESS",
    "IN_ARRAY",
    "LETTER",
    "MONTHS",
    "NAME_CUES",
    "NAME_KEYS",
    "NOT_A_PERSON",
    "PERSON_KEYS",
    "PLACEHOLDER",
    "TITLES",
    "USERNAME_KEYS",
    "phrases",
    "words",
]


def words(text: str) -> bytes:
    """Alternatives of an expression, the longest first, out of words in a row; `_` stands for what may join two."""
    found = sorted(set(text.split()), key=lambda each: (-len(each), each))
    return b"|".join(re.escape(each).replace(r"\_", "_").replace("_", r"[_ .\-]?").encode() for each in found)


def phrases(text: str) -> bytes:
    """The same of phrases as they are written in a sentence and at its begin; `_` stands for one blank."""
    both = {form for each in text.split() for form in (each, each[0].upper() + each[1:])}
    return b"|".join(
        re.escape(each.replace("_", " ")).encode() for each in sorted(both, key=lambda one: (-len(one), one))
    )


LETTER = rb"(?:[a-zA-Z]|[\xc3-\xdf][\x80-\xbf]|[\xe0\xe1\xe4-\xed][\x80-\xbf]{2}|\xe3[\x81-\xbf][\x80-\xbf])"
"""Of any script; dashes, quotes and emoji are none."""
CAPITAL = (
    rb"(?:[A-Z]|\xc3[\x80-\x96\x98-\x9e]|[\xc4\xc5][\x80-\xbf]|\xc6[\x80-\xbf]|\xce[\x86-\xab]|\xd0[\x80-\xaf]"
    rb"|\xe1[\xb8-\xbd][\x80-\xbf])"
)
"""Of Latin, Greek or Cyrillic; among the Latin letters with marks, case alternates and is not asked for."""
CASELESS = rb"(?:[\xd6-\xdb][\x80-\xbf]|[\xe0\xe4-\xed][\x80-\xbf]{2}|\xe3[\x81-\xbf][\x80-\xbf])"
"""A letter of a script without case: Hebrew, Arabic, those of India, Chinese, Japanese, Korean."""

IN_ARRAY = rb"(?:</key>[ \t\r\n]{0,12}<array>[ \t\r\n]{0,16}<string)?"
"""Between a key of an XML property list and the first text of its array."""
NAME_KEYS = words(
    "full_name first_name last_name middle_name given_name family_name maiden_name mothers_maiden sur_name"
    " fore_name display_name real_name legal_name preferred_name birth_name person_name customer_name"
    " contact_name patient_name account_name account_holder holder_name cardholder_name cardholder"
    " user_full_name name_on_card billing_name recipient_name sender_name author_name owner_name employee_name"
    " passenger_name guest_name member_name beneficiary_name emergency_contact nombre_completo primer_nombre"
    " apellido apellidos nome_completo primeiro_nome sobrenome prénom prenom nom_complet nom_de_famille vorname"
    " nachname familienname cognome voornaam achternaam nama_lengkap nama_depan имя фамилия отчество фио 姓名"
    " 名字 氏名 お名前 名前 الاسم اسم_العائلة नाम पूरा_नाम उपनाम ad_soyad soyadı soyad adı_soyadı"
)
"""Keys that name a person whatever they stand under."""
PERSON_KEYS = words(
    "customer patient contact owner author user person employee recipient sender beneficiary passenger guest"
    " member client maintainer assignee reporter manager supervisor applicant tenant landlord plaintiff"
    " defendant petitioner respondent attorney counsel witness judge doctor physician nurse student teacher"
    " driver signed_by prepared_by created_by written_by reviewed_by approved_by submitted_by requested_by"
    " performed_by assigned_to spouse father mother parent child"
    " guardian next_of_kin claimant insured policyholder borrower buyer seller payee payer donor host speaker"
    " actor director artist holder subscriber profile cliente paciente empleado autor titular remitente"
    " destinatario usuário funcionário auteur expéditeur destinataire salarié kunde kundin patientin absender"
    " empfänger mitarbeiter mitarbeiterin inhaber utente mittente dipendente klant werknemer ontvanger afzender"
    " клиент пациент получатель отправитель сотрудник 客户 收件人 患者 员工 联系人 顧客 お客様 担当者 العميل"
    " المريض ग्राहक रोगी müşteri hasta alıcı pelanggan pasien penerima"
)
"""Roles that a person has, and other things too: what stands under them has to look like a name."""
NOT_A_PERSON = words(
    "product item file folder path event app application package class module table column field key country"
    " city state region currency language locale device model brand vendor manufacturer category tag label title"
    " menu screen activity fragment service process thread font color colour theme icon image asset layer group"
    " role permission channel topic queue task job plugin provider library sdk build version variant flavor"
    " template campaign segment experiment feature flag setting option param parameter variable function method"
    " network wifi ssid carrier host server domain bucket collection database schema index trigger view song"
    " album playlist movie film book game team league station airport hotel restaurant store shop company"
    " organization organisation employer business merchant bank school university department street road place"
    " location venue landmark type kind sort unit format style element node attribute property action command"
    " operation step stage rule policy algorithm cipher codec encoding certificate issuer bundle framework"
    " component widget button"
)
"""Names under which a `name` is that of a thing."""

TITLES = words(
    "Mr Mrs Ms Miss Mx Dr Prof Sir Madam Lord Lady Rev Hon Capt Sgt Judge Justice Professor Doctor Señor Señora"
    " Señorita Sr Sra Srta Don Doña Senhor Senhora Dona Monsieur Madame Mademoiselle Mme Mlle Herr Frau Fräulein"
    " Signor Signora Signore Sig Dott Dottor Dottoressa Meneer Mevrouw Dhr Mevr Господин Госпожа Г-н Г-жа Bay"
    " Bayan Bapak Ibu Shri Smt Sayın Sheikh"
)
"""Right before a name. What Chinese, Japanese and Arabic put behind is in `NAME_CUES`."""

NAME_CUES = {
    "introduction": phrases(
        "name_is names_is named called I'm I’m I_am this_is it's_me call_me me_llamo mi_nombre_es soy"
        " meu_nome_é chamo-me je_m'appelle mon_nom_est je_suis mein_Name_ist ich_heiße ich_bin mi_chiamo"
        " il_mio_nome_è mijn_naam_is ik_heet меня_зовут моё_имя 我叫 我的名字是 私の名前は اسمي मेरा_नाम"
        " benim_adım adım nama_saya"
    ),
    "greeting": phrases(
        "Dear Hi Hello Hey Hola Querido Querida Estimado Estimada Olá Caro Cara Prezado Prezada Bonjour"
        " Salut Cher Chère Hallo Liebe Lieber Ciao Gentile Beste Geachte Здравствуйте Привет Уважаемый Уважаемая"
        " Merhaba Sevgili Halo 尊敬的 亲爱的 عزيزي عزيزتي مرحبا प्रिय नमस्ते"
    ),
    "sign-off": phrases(
        "regards sincerely cheers thanks thank_you best_wishes yours_truly yours_faithfully respectfully love"
        " saludos atentamente cordialmente abraços atenciosamente cordialement bien_à_vous grüße grüßen gruß"
        " saluti groeten groet с_уважением 此致 敬具 مع_التحية सादर saygılarımla hormat_saya"
    ),
}
"""What stands before a name in running text, by what it is."""

ADDRESS_KEYS = words(
    "postal_address mailing_address home_address street_address shipping_address billing_address"
    " delivery_address residential_address work_address office_address address_line address_line1 address_line2"
    " address1 address2 full_address formatted_address street addr residence domicile dirección direccion"
    " domicilio calle endereço endereco logradouro adresse rue anschrift straße strasse indirizzo straat adres"
    " woonadres адрес улица 地址 住址 住所 العنوان عنوان पता adresi alamat"
)
"""Keys of a postal address or of its street."""
ADDRESS_CUES = phrases(
    "address lives_at live_at living_at reside_at resides_at residing_at located_at moved_to move_to ship_to"
    " shipped_to send sent_to deliver_to delivered_to mail_to mailed_to meet_me_at arrived_at"
    " office_at office_is_at domiciled_at vive_en vivo_en reside_en mora_em resido_em habite_au demeurant"
    " wohnhaft wohne_in wohnt_in abita_in residente_in woont_in woonachtig проживает по_адресу 住在 住所は يسكن"
    " निवासी oturuyor ikamet tinggal_di beralamat"
)

BIRTH_CUES = words(
    "birth birthday birthdate born dob d.o.b bday nacimiento nacido nacida nascimento nascido nascida"
    " cumpleaños aniversário naissance né_le née_le geburt geburtsdatum geburtstag geboren nascita nato_il"
    " nata_il compleanno geboorte geb. geboortedatum verjaardag рождения родился родилась 生年月日 出生 生日 誕生日"
    " الميلاد ولد जन्म doğum doğdu lahir"
)
"""Keys and words before or behind a date of birth."""

USERNAME_KEYS = words(
    "username user_name login login_name login_id user_login screen_name nick nick_name handle user_handle"
    " account_login db_user ssh_user ftp_user twitter instagram_handle github_user gamertag usuario"
    " nombre_de_usuario usuário nome_de_usuário nom_d'utilisateur identifiant pseudo benutzername anmeldename"
    " nome_utente gebruikersnaam имя_пользователя логин 用户名 ユーザー名 اسم_المستخدم उपयोगकर्ता_नाम"
    " kullanıcı_adı nama_pengguna"
)

MONTHS: dict[str, int] = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr - jun jul aug sep oct nov dec",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene - - abr - - - ago sept - - dic",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "- fev - - mai - - - set out - dez",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv févr - avr - - juil - - - - déc",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "jänner - mär - - - - - - okt - -",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "gen - - - mag giu lug - - ott - -",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "- - mrt - - - - - - - - -",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
        "januari februari maret april mei juni juli agustus september oktober november desember",
        "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
        "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
        "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    )
    for number, name in enumerate(names.split(), 1)
    if name != "-"
}
"""Names of months, lower case, full or short, to their number."""

PLACEHOLDER = re.compile(
    rb"(?i)(?:null|none|nil|undefined|unknown|n/?a|nan|true|false|yes|no|ok|test(?:ing)?|todo|tbd|default|empty|anonymous"
    rb"|guest|placeholder|redacted|hidden|masked|string|text|value|name|first ?name|last ?name|full ?name|your ?name"
    rb"|user ?name|address|example|sample|x{2,}|lorem ipsum.*|[*?.\-_ ]*)"
)
"""What stands where a value is not known, or before it is filled in."""
